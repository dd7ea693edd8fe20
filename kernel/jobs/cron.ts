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
  /** as text: a Date would lose the microseconds */
  nextAt: string;
}

interface Clock {
  now: Date;
  at: string;
}

/** Where the next page of due rows begins. */
type DueKey = readonly [nextAt: string, tenantId: string, pluginId: string, name: string];

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
  select tenant_id as "tenantId", plugin_id as "pluginId", name, cron, time_zone as "timeZone", next_at::text as "nextAt",
    next_at < now() - interval '${orphanSeconds} seconds' as orphan
  from kernel.cron_due
  where next_at <= now() and next_at >= $1::timestamptz and (next_at, tenant_id, plugin_id, name) > ($1::timestamptz, $2::uuid, $3::text, $4::text)
  order by next_at, tenant_id, plugin_id, name limit ${batch} for update skip locked`;
const moveSql = 'update kernel.cron_due set next_at = $4 where tenant_id = $1 and plugin_id = $2 and name = $3';
const dropSql = 'delete from kernel.cron_due where tenant_id = $1 and plugin_id = $2 and name = $3';
/** From when due rows were last looked for, not from now: what came due in between is overdue and wants another look at once. */
const soonestSql = 'select extract(epoch from min(next_at) - now()) * 1000 as "inMs" from kernel.cron_due where next_at > $1::timestamptz';
/** The database's clock decides what is due, so it says what comes next: by a clock that lags behind, an entry would be due again at once. */
const clockSql = 'select now() as now, now()::text as at';
const firstKey: DueKey = ['-infinity', '00000000-0000-0000-0000-000000000000', '', ''];

const keyOf = (entry: { tenantId: string; pluginId: string; name: string }): string => JSON.stringify([entry.tenantId, entry.pluginId, entry.name]);

/** Strictly after `now`; null when it never runs again. */
function nextRun(cron: string, timeZone: string, now: Date): Date | null {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(now);
}

export function startCron(options: CronOptions): CronTable {
  const { pool, directory, log } = options;
  let entries = new Map<string, CronEntry>();
  let mustSync = true;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const takeOver = async (): Promise<void> => {
    const [clock] = await pool.query<Clock>(clockSql);
    entries = new Map(directory.cronEntries().map((entry) => [keyOf(entry), entry]));
    const rows = [...entries.values()].flatMap((entry) => {
      try {
        const next = nextRun(entry.cron, entry.timeZone, clock?.now ?? new Date());
        return next ? [{ tenant_id: entry.tenantId, plugin_id: entry.pluginId, name: entry.name, cron: entry.cron, time_zone: entry.timeZone, next_at: next.toISOString() }] : [];
      } catch (error) {
        log.warn({ err: error, entry }, 'a cron entry cannot be scheduled');
        return [];
      }
    });
    for (let from = 0; from < rows.length; from += 1_000) await pool.query(upsertSql, [JSON.stringify(rows.slice(from, from + 1_000))]);
  };

  const settle = async (query: SystemQuery, row: DueRow, now: Date): Promise<OutgoingJob[]> => {
    const key = [row.tenantId, row.pluginId, row.name];
    const entry = entries.get(keyOf(row));
    // another node may know it, or will: only what is long overdue belongs to nobody
    if (!entry) {
      if (row.orphan) await query(dropSql, key);
      return [];
    }
    // from now on, not from when it was due: what was missed runs once
    const next = nextRun(entry.cron, entry.timeZone, now);
    if (next) await query(moveSql, [...key, next]);
    else await query(dropSql, key);
    try {
      return [directory.cronJob(entry)];
    } catch (error) {
      log.error({ err: error, entry }, 'a cron entry made no job');
      return [];
    }
  };

  /** One page in one transaction. */
  const runPage = (after: DueKey): Promise<{ at: string; sent: number; next: DueKey | undefined }> =>
    pool.transaction(async (query) => {
      const [clock = { now: new Date(), at: 'now' }] = await query<Clock>(clockSql);
      const due = await query<DueRow>(dueSql, after);
      const jobs: OutgoingJob[] = [];
      for (const row of due) jobs.push(...(await settle(query, row, clock.now)));
      if (jobs.length > 0) await options.send(jobs, query);
      const last = due[batch - 1];
      return { at: clock.at, sent: jobs.length, next: last && [last.nextAt, last.tenantId, last.pluginId, last.name] };
    });

  /** Everything due, page by page: rows of entries unknown here stay, and must not hide those behind them. Answers the time of the first look. */
  const runDue = async (): Promise<string> => {
    let page = await runPage(firstKey);
    const { at } = page;
    for (;;) {
      if (page.sent > 0) options.sent();
      if (page.next === undefined || stopping.signal.aborted) return at;
      page = await runPage(page.next);
    }
  };

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
        const lookedAt = await runDue();
        const [soonest] = await pool.query<{ inMs: string | null }>(soonestSql, [lookedAt]);
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
