import { QuotaExceeded, RateLimitExceeded, type Limits } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Logger } from '../log.ts';
import type { Owner } from '../storage/contract.ts';

/** What is counted for good. The rest of {@link Limits} bounds single calls. */
export type Quota = 'rows' | 'storedBytes' | 'kvEntries' | 'queuedJobs';

const columnOf: Record<Quota, string> = { rows: 'rows', storedBytes: 'stored_bytes', kvEntries: 'kv_entries', queuedJobs: 'queued_jobs' };
const quotas = Object.keys(columnOf) as Quota[];

/** How often deltas go to the database and counts of other nodes come back. */
const flushMs = 1000;
/** Least time between two true counts of an account. */
const recountMs = 5000;
/** Accounts kept in memory; the one unused for longest goes first. */
const maxAccounts = 50_000;

interface Account {
  owner: Owner;
  /** As of the last reading; null before the first. */
  stored: Record<Quota, number> | null;
  delta: Record<Quota, number>;
  /** When the stored counts were read, in milliseconds. */
  readAt: number;
  recountedAt: number;
  events: { minute: number; count: number };
}

/**
 * Durable quotas per tenant and plugin. A node counts what it does in memory and adds it to the
 * row about once a second, so a quota may be passed by what the other nodes did in that second,
 * and a crash forgets at the most that second; {@link Quotas.recount} puts it right.
 */
export interface Quotas {
  /**
   * Counts may err on the high side (an overwritten key, a rolled-back row), so before it refuses it
   * takes the true count, at most every few seconds.
   *
   * @throws QUOTA_EXCEEDED (`details.quota`, `details.limit`) when `more` would pass the limit.
   */
  require(owner: Owner, limits: Limits, quota: Quota, more: number, trueCount?: () => Promise<number>): Promise<void>;
  add(owner: Owner, quota: Quota, delta: number): void;
  /** @throws RATE_LIMIT_EXCEEDED above `eventsPerMinute`. */
  countEvent(owner: Owner, limits: Limits): void;
  usage(owner: Owner): Promise<Record<Quota, number>>;
  /** Sets counts that were taken from the data itself. */
  recount(owner: Owner, counts: Partial<Record<Quota, number>>): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const zero = (): Record<Quota, number> => ({ rows: 0, storedBytes: 0, kvEntries: 0, queuedJobs: 0 });

export function openQuotas({ database, log, now = Date.now }: { database: Database; log: Logger; now?: () => number }): Quotas {
  const accounts = new Map<string, Account>();

  function accountOf(owner: Owner): Account {
    const key = `${owner.tenantId} ${owner.pluginId}`;
    const account = accounts.get(key) ?? { owner, stored: null, delta: zero(), readAt: 0, recountedAt: 0, events: { minute: 0, count: 0 } };
    accounts.delete(key);
    accounts.set(key, account);
    if (accounts.size > maxAccounts) {
      for (const [oldest, candidate] of accounts) {
        if (quotas.some((quota) => candidate.delta[quota] !== 0)) continue;
        accounts.delete(oldest);
        break;
      }
    }
    return account;
  }

  async function read(account: Account): Promise<Record<Quota, number>> {
    if (account.stored !== null && now() - account.readAt < flushMs) return account.stored;
    const [row] = await database.tenant(account.owner.tenantId, (em) => statement<Record<string, string>>(em, 'select rows, stored_bytes, kv_entries, queued_jobs from kernel.plugin_usage where tenant_id = $1 and plugin_id = $2', [account.owner.tenantId, account.owner.pluginId]));
    account.readAt = now();
    account.stored = Object.fromEntries(quotas.map((quota) => [quota, Number(row?.[columnOf[quota]] ?? 0)])) as Record<Quota, number>;
    return account.stored;
  }

  async function flushAccount(account: Account): Promise<void> {
    const delta = account.delta;
    if (quotas.every((quota) => delta[quota] === 0)) return;
    account.delta = zero();
    try {
      await database.tenant(account.owner.tenantId, (em) =>
        statement(em, `insert into kernel.plugin_usage as u (tenant_id, plugin_id, rows, stored_bytes, kv_entries, queued_jobs) values ($1, $2, greatest(0, $3::bigint), greatest(0, $4::bigint), greatest(0, $5::bigint), greatest(0, $6::bigint))
           on conflict (tenant_id, plugin_id) do update set rows = greatest(0, u.rows + $7::bigint), stored_bytes = greatest(0, u.stored_bytes + $8::bigint), kv_entries = greatest(0, u.kv_entries + $9::bigint), queued_jobs = greatest(0, u.queued_jobs + $10::bigint)`,
          [account.owner.tenantId, account.owner.pluginId, ...quotas.map((quota) => delta[quota]), ...quotas.map((quota) => delta[quota])],
        ),
      );
      if (account.stored !== null) for (const quota of quotas) account.stored[quota] += delta[quota];
    } catch (error) {
      for (const quota of quotas) account.delta[quota] += delta[quota];
      throw error;
    }
  }

  async function flush(): Promise<void> {
    for (const account of accounts.values()) await flushAccount(account);
  }

  async function recount(owner: Owner, counts: Partial<Record<Quota, number>>): Promise<void> {
    const account = accountOf(owner);
    await flushAccount(account);
    for (const [quota, count] of Object.entries(counts) as [Quota, number][]) {
      const column = columnOf[quota];
      await database.tenant(owner.tenantId, (em) => statement(em, `insert into kernel.plugin_usage (tenant_id, plugin_id, ${column}) values ($1, $2, $3) on conflict (tenant_id, plugin_id) do update set ${column} = excluded.${column}`, [owner.tenantId, owner.pluginId, count]));
    }
    account.stored = null;
  }

  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(flush).catch((error: unknown) => log.warn({ err: error }, 'quota counts were not written; they are kept for the next try'));
  }, flushMs);
  timer.unref();

  return {
    async require(owner, limits, quota, more, trueCount) {
      const account = accountOf(owner);
      const stored = await read(account);
      const used = (): number => (account.stored ?? stored)[quota] + account.delta[quota];
      if (used() + more <= limits[quota]) return;
      if (trueCount !== undefined && now() - account.recountedAt > recountMs) {
        account.recountedAt = now();
        await recount(owner, { [quota]: await trueCount() });
        await read(account);
        if (used() + more <= limits[quota]) return;
      }
      throw QuotaExceeded({ message: `The plugin ${owner.pluginId} has used up its ${quota} in this tenant.`, details: { quota, limit: limits[quota] } });
    },
    add(owner, quota, delta) {
      accountOf(owner).delta[quota] += delta;
    },
    countEvent(owner, limits) {
      const account = accountOf(owner);
      const minute = Math.floor(now() / 60_000);
      if (account.events.minute !== minute) account.events = { minute, count: 0 };
      if (++account.events.count > limits.eventsPerMinute) {
        throw RateLimitExceeded({ message: `The plugin ${owner.pluginId} emits more than ${limits.eventsPerMinute} events a minute.`, retryAfterSeconds: 60 - Math.floor((now() / 1000) % 60) });
      }
    },
    async usage(owner) {
      const account = accountOf(owner);
      const stored = await read(account);
      return Object.fromEntries(quotas.map((quota) => [quota, Math.max(0, stored[quota] + account.delta[quota])])) as Record<Quota, number>;
    },
    recount,
    flush,
    async close() {
      clearInterval(timer);
      await running;
      await flush();
    },
  };
}
