import type { Json } from '@proofpix/sdk';
import { coalesce } from '../events/coalesce.ts';
import type { SystemPool } from '../events/system-pool.ts';
import type { Logger } from '../log.ts';

/** At most this often is a job's progress written. */
export const progressGapMs = 250;
/** Bounds what waits to be written; jobs at once on a node are far fewer. */
const maxWaiting = 10_000;

interface Report {
  tenantId: string;
  fraction: number;
  note: string | null;
}

/** Progress of this node's jobs, written for all of them together; the last value always lands. */
export interface ProgressLog {
  report(jobId: string, report: Report): void;
  /** Writes results together with the last progress of the same jobs. */
  finish(rows: readonly { jobId: string; tenantId: string; result: Json }[]): Promise<void>;
  /** Writes what waits. */
  flush(): Promise<void>;
  /** Forgets jobs that pg-boss has forgotten. */
  prune(): Promise<void>;
}

const upsertSql = `
  insert into kernel.job_progress as p (tenant_id, job_id, fraction, note, result, written_at)
  select tenant_id, job_id, fraction, note, result, now()
  from json_to_recordset($1::text::json) as r (tenant_id uuid, job_id uuid, fraction double precision, note text, result jsonb)
  on conflict (tenant_id, job_id) do update set
    fraction = excluded.fraction, note = coalesce(excluded.note, p.note), result = excluded.result, written_at = now()`;

const pruneSql = `delete from kernel.job_progress where ctid = any(array(
  select ctid from kernel.job_progress where written_at < now() - interval '2 days' limit 5000))`;

export function createProgressLog(options: { pool: SystemPool; log: Pick<Logger, 'warn'> }): ProgressLog {
  let waiting = new Map<string, Report>();
  let writtenAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const write = async (rows: readonly { jobId: string; tenantId: string; fraction: number; note: string | null; result: Json }[]): Promise<void> => {
    if (rows.length === 0) return;
    // a fixed order keeps two writers from a deadlock
    const sorted = rows.toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1));
    await options.pool.query(upsertSql, [
      JSON.stringify(sorted.map((row) => ({ tenant_id: row.tenantId, job_id: row.jobId, fraction: row.fraction, note: row.note, result: row.result }))),
    ]);
  };
  const writer = coalesce(
    async () => {
      const rows = waiting;
      waiting = new Map();
      writtenAt = Date.now();
      await write([...rows].map(([jobId, report]) => ({ jobId, ...report, result: null })));
    },
    (error) => options.log.warn({ err: error }, 'progress was not written'),
  );

  return {
    report(jobId, report) {
      if (!waiting.has(jobId) && waiting.size >= maxWaiting) return;
      waiting.set(jobId, { ...report, note: report.note ?? waiting.get(jobId)?.note ?? null });
      timer ??= setTimeout(
        () => {
          timer = undefined;
          writer.ask();
        },
        Math.max(0, writtenAt + progressGapMs - Date.now()),
      );
    },
    async finish(rows) {
      // a write on its way could otherwise land after this one
      if (rows.some(({ jobId }) => waiting.has(jobId)) || rows.some(({ result }) => result !== null)) await writer.idle();
      await write(
        rows.flatMap((row) => {
          const last = waiting.get(row.jobId);
          waiting.delete(row.jobId);
          // without a word to keep, being completed says it all
          if (row.result === null && (last?.note ?? null) === null) return [];
          return [{ ...row, fraction: last?.fraction ?? 1, note: last?.note ?? null }];
        }),
      );
    },
    async flush() {
      clearTimeout(timer);
      timer = undefined;
      if (waiting.size > 0) writer.ask();
      await writer.idle();
    },
    async prune() {
      await options.pool.query(pruneSql);
    },
  };
}
