import { Cron } from 'croner';
import { coalesce } from '../events/coalesce.ts';
import type { SystemPool, SystemQuery } from '../events/system-pool.ts';
import type { Logger } from '../log.ts';
import type { CronEntry, JobDirectory, OutgoingJob } from './contract.ts';

/** Cron of all tenants and plugins from one table: a due row is claimed by one node, and moved to its next time in the transaction that sends the job. */
export interface CronTable {
  /** Takes over what the directory says now. */
  sync(): void;
  stop(): Promise<void>;
}

export interface CronOptions {
  pool: SystemPool;
  directory: Pick<JobDirectory, 'cronEntries' | 'cronJob'>;
  log: Pick<Logger, 'warn' | 'error'>;
  /** Sends in the given transaction. */
  send(jobs: readonly OutgoingJob[], query: SystemQuery): Promise<void>;
  /** Called after jobs were sent. */
  sent(): void;
}

interface DueRow {
  tenantId: string;
  pluginId: string;
  name: string;
  cron: string;
  timeZone: string;
  /** longer than {@link orphanSeconds} overdue */
  orphan: boolean;
}

const batch = 200;
const longestWaitMs = 30_000;
const retryWaitMs = 1_000;
/** A row that no node's directory knows any more is dropped after this. */
const orphanSeconds = 600;

const upsertSql = `
  insert into kernel.cron_due as c (tenant_id, plugin_id, name, cron, time_zone, next_at)
  select tenant_id, plugin_id, name, cron, time_zone, next_at
  from json_to_recordset($1::text::json) as r (tenant_id uuid, plugin_id text, name text, cron text, time_zone text, next_at timestamptz)
  on conflict (tenant_id, plugin_id, name) do update set cron = excluded.cron, time_zone = excluded.time_zone, next_at = excluded.next_at
  where c.cron <> excluded.cron or c.time_zone <> excluded.time_zone`;

const dueSql = `
  select tenant_id as "tenantId", plugin_id as "pluginId", name, cron, time_zone as "timeZone", next_at < now() - interval '${orphanSeconds} seconds' as orphan
  from kernel.cron_due where next_at <= now() order by next_at limit ${batch} for update skip locked`;
const moveSql = 'update kernel.cron_due set next_at = $4 where tenant_id = $1 and plugin_id = $2 and name = $3';
const dropSql = 'delete from kernel.cron_due where tenant_id = $1 and plugin_id = $2 and name = $3';
const soonestSql = `select extract(epoch from min(next_at) - now()) * 1000 as "inMs" from kernel.cron_due where next_at > now()`;

const keyOf = (entry: { tenantId: string; pluginId: string; name: string }): string => JSON.stringify([entry.tenantId, entry.pluginId, entry.name]);

/** Null when it never runs again. */
function nextRun(cron: string, timeZone: string): Date | null {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun();
}

export function startCron(options: CronOptions): CronTable {
  const { pool, directory, log } = options;
  let entries = new Map<string, CronEntry>();
  let mustSync = true;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const takeOver = async (): Promise<void> => {
    entries = new Map(directory.cronEntries().map((entry) => [keyOf(entry), entry]));
    const rows = [...entries.values()].flatMap((entry) => {
      try {
        const next = nextRun(entry.cron, entry.timeZone);
        return next ? [{ tenant_id: entry.tenantId, plugin_id: entry.pluginId, name: entry.name, cron: entry.cron, time_zone: entry.timeZone, next_at: next.toISOString() }] : [];
      } catch (error) {
        log.warn({ err: error, entry }, 'a cron entry cannot be scheduled');
        return [];
      }
    });
    for (let from = 0; from < rows.length; from += 1_000) await pool.query(upsertSql, [JSON.stringify(rows.slice(from, from + 1_000))]);
  };

  const settle = async (query: SystemQuery, row: DueRow): Promise<OutgoingJob[]> => {
    const key = [row.tenantId, row.pluginId, row.name];
    const entry = entries.get(keyOf(row));
    // another node may know it, or will: only what is long overdue belongs to nobody
    if (!entry) {
      if (row.orphan) await query(dropSql, key);
      return [];
    }
    // from now on, not from when it was due: what was missed runs once
    const next = nextRun(entry.cron, entry.timeZone);
    if (next) await query(moveSql, [...key, next]);
    else await query(dropSql, key);
    try {
      return [directory.cronJob(entry)];
    } catch (error) {
      log.error({ err: error, entry }, 'a cron entry made no job');
      return [];
    }
  };

  const runDue = (): Promise<number> =>
    pool.transaction(async (query) => {
      const due = await query<DueRow>(dueSql);
      const jobs: OutgoingJob[] = [];
      for (const row of due) jobs.push(...(await settle(query, row)));
      if (jobs.length > 0) await options.send(jobs, query);
      return jobs.length;
    });

  const turn = coalesce(
    async () => {
      clearTimeout(timer);
      let waitMs = retryWaitMs;
      try {
        if (mustSync) {
          mustSync = false;
          await takeOver().catch((error: unknown) => {
            mustSync = true;
            throw error;
          });
        }
        for (let sent = await runDue(); sent > 0 && !stopping.signal.aborted; sent = await runDue()) options.sent();
        const [soonest] = await pool.query<{ inMs: string | null }>(soonestSql);
        waitMs = Math.min(Math.max(Number(soonest?.inMs ?? longestWaitMs), 1), longestWaitMs);
      } finally {
        if (!stopping.signal.aborted) timer = setTimeout(() => turn.ask(), waitMs);
      }
    },
    (error) => log.error({ err: error }, 'cron'),
  );
  turn.ask();
  return {
    sync() {
      mustSync = true;
      turn.ask();
    },
    async stop() {
      stopping.abort();
      turn.close();
      await turn.idle();
      clearTimeout(timer);
    },
  };
}
