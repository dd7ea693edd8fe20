import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';

/** Requests of keys by UTC day and endpoint. */
export interface KeyUsage {
  /** Counts in memory; never waits. */
  count(use: { tenantId: string; keyId: string; endpoint: string | null; isError: boolean }): void;
  /** Writes what was counted; one writer at a time. Rejects when the database does, and keeps the counts. */
  flush(): Promise<void>;
  /** Both days included, as `YYYY-MM-DD`. */
  read(tenantId: string, keyId: string, from: string, to: string): Promise<UsageReport>;
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export interface UsageCount {
  requests: number;
  errors: number;
}

export interface UsageReport extends UsageCount {
  days: ({ day: string } & UsageCount)[];
  /** Most requests first. */
  endpoints: ({ endpoint: string } & UsageCount)[];
}

export interface UsageOptions {
  database: Database;
  log: { warn(fields: object, message: string): void };
  /** how much a node that is killed loses; default 5 s */
  flushMs?: number;
  /** endpoints of a key on one day that are told apart, the rest counts as `other`; default 200 */
  maxEndpoints?: number;
  /** keys that a node counts at a time; default 10,000 */
  maxKeys?: number;
}

const defaultFlushMs = 5_000;
const defaultEndpoints = 200;
const defaultKeys = 10_000;
const keptDays = 400;
const batchRows = 1_000;
const other = 'other';

interface Tally {
  tenantId: string;
  keyId: string;
  day: string;
  lastUsedMs: number;
  counts: Map<string, UsageCount>;
}

interface Line extends UsageCount {
  tally: Tally;
  endpoint: string;
}

const dayMs = 86_400_000;
let dayNumber = Number.NaN;
let dayText = '';

/** UTC. Asked for at every request, so it is made once a day. */
function today(): string {
  const now = Math.floor(Date.now() / dayMs);
  if (now !== dayNumber) {
    dayNumber = now;
    dayText = new Date(now * dayMs).toISOString().slice(0, 10);
  }
  return dayText;
}

const column = <T, V>(rows: readonly T[], value: (row: T) => V): V[] => rows.map(value);

export function keyUsage({ database, log, flushMs = defaultFlushMs, maxEndpoints = defaultEndpoints, maxKeys = defaultKeys }: UsageOptions): KeyUsage {
  /** by key and day; a day's endpoints stay known after they were written, so that their bound holds */
  const tallies = new Map<string, Tally>();
  let writing: Promise<void> | null = null;
  let lost = 0;

  function tallyOf(tenantId: string, keyId: string): Tally | null {
    const day = today();
    const id = `${keyId} ${day}`;
    const known = tallies.get(id);
    if (known !== undefined) return known;
    if (tallies.size >= maxKeys) return null;
    const tally = { tenantId, keyId, day, lastUsedMs: 0, counts: new Map<string, UsageCount>() };
    tallies.set(id, tally);
    return tally;
  }

  async function write(lines: readonly Line[]): Promise<void> {
    await database.system(async (em) => {
      await statement(
        em,
        `insert into kernel.api_key_usage as u (tenant_id, key_id, day, endpoint, requests, errors)
         select t.* from unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[], $5::bigint[], $6::bigint[]) as t
         on conflict (tenant_id, key_id, day, endpoint) do update set requests = u.requests + excluded.requests, errors = u.errors + excluded.errors`,
        [column(lines, (line) => line.tally.tenantId), column(lines, (line) => line.tally.keyId), column(lines, (line) => line.tally.day), column(lines, (line) => line.endpoint), column(lines, (line) => line.requests), column(lines, (line) => line.errors)],
      );
    });
  }

  /** At most once a minute, so that a busy key does not rewrite its row all the time; keys in order, so that nodes do not wait for each other in a circle. */
  async function touch(used: readonly Tally[]): Promise<void> {
    await database.system((em) =>
      statement(
        em,
        `update kernel.api_keys k set last_used_at = t.at
         from (select id, to_timestamp(ms / 1000) as at from unnest($1::uuid[], $2::float8[]) as given (id, ms)) t
         where k.id in (select k2.id from kernel.api_keys k2 where k2.id = any($1::uuid[]) order by k2.id for no key update)
           and k.id = t.id and (k.last_used_at is null or k.last_used_at < t.at - interval '1 minute')`,
        [column(used, (tally) => tally.keyId), column(used, (tally) => tally.lastUsedMs)],
      ));
  }

  async function writeAll(): Promise<void> {
    const day = today();
    const lines: Line[] = [...tallies.values()]
      .flatMap((tally) => [...tally.counts].filter(([, count]) => count.requests > 0).map(([endpoint, count]) => ({ tally, endpoint, ...count })))
      .toSorted((a, b) => (`${a.tally.keyId} ${a.tally.day} ${a.endpoint}` < `${b.tally.keyId} ${b.tally.day} ${b.endpoint}` ? -1 : 1));
    for (let at = 0; at < lines.length; at += batchRows) {
      const batch = lines.slice(at, at + batchRows);
      await write(batch);
      for (const { tally, endpoint, requests, errors } of batch) {
        const count = tally.counts.get(endpoint);
        if (count === undefined) continue;
        count.requests -= requests;
        count.errors -= errors;
      }
    }
    const used = [...new Set(lines.map((line) => line.tally))];
    for (let at = 0; at < used.length; at += batchRows) await touch(used.slice(at, at + batchRows));
    const isIdle = ({ counts }: Tally): boolean => [...counts.values()].every((count) => count.requests === 0);
    const isFull = tallies.size >= maxKeys;
    for (const [id, tally] of tallies) if ((tally.day !== day || isFull) && isIdle(tally)) tallies.delete(id);
    if (lost > 0) log.warn({ requests: lost }, 'more API keys were in use at once than a node counts');
    lost = 0;
  }

  function flush(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = null;
    });
    return writing;
  }

  const warn = (error: unknown): void => log.warn({ err: error }, 'the use of API keys could not be written and is kept');
  const timer = setInterval(() => void flush().catch(warn), flushMs).unref();

  return {
    count({ tenantId, keyId, endpoint, isError }) {
      const tally = tallyOf(tenantId, keyId);
      if (tally === null) {
        lost += 1;
        return;
      }
      const { counts } = tally;
      const name = endpoint !== null && (counts.has(endpoint) || counts.size < maxEndpoints) ? endpoint : other;
      const count = counts.get(name) ?? { requests: 0, errors: 0 };
      counts.set(name, count);
      count.requests += 1;
      if (isError) count.errors += 1;
      tally.lastUsedMs = Date.now();
    },
    flush,
    async read(tenantId, keyId, from, to) {
      // what others counted in the last seconds is missing; what this node did is not
      await flush();
      const range = [tenantId, keyId, from, to];
      const sums = 'sum(requests)::float8 as requests, sum(errors)::float8 as errors';
      const where = 'from kernel.api_key_usage where tenant_id = $1 and key_id = $2 and day between $3::date and $4::date';
      return database.tenant(tenantId, async (em) => {
        const days = await statement<{ day: string } & UsageCount>(em, `select to_char(day, 'YYYY-MM-DD') as day, ${sums} ${where} group by day order by day`, range);
        const endpoints = await statement<{ endpoint: string } & UsageCount>(em, `select endpoint, ${sums} ${where} group by endpoint order by requests desc, endpoint limit 1000`, range);
        return { requests: days.reduce((sum, { requests }) => sum + requests, 0), errors: days.reduce((sum, { errors }) => sum + errors, 0), days, endpoints };
      });
    },
    async sweep() {
      await database.system((em) => statement(em, `delete from kernel.api_key_usage where day < current_date - ${keptDays}`));
    },
    async close() {
      clearInterval(timer);
      await writing?.catch(() => undefined);
      await flush().catch(warn);
    },
  };
}
