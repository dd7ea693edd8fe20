import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Signals } from '../events/contract.ts';

/** What is to be forgotten: everything that matches all the ids given. */
export interface AuthChange {
  /** credentials ended, so sockets close; otherwise only rights changed */
  revoked: boolean;
  credentialId?: string;
  userId?: string;
  tenantId?: string;
  /** a custom role of the tenant was changed: what it holds, not who has it */
  roleId?: string;
}

export interface AuthChanges {
  /** Writes the changes in the transaction that makes them; the other nodes hear after its commit. */
  record(em: EntityManager, ...changes: AuthChange[]): Promise<void>;
  /** Reads what is new; call it after the commit, so that this node does not wait for the signal. Never rejects. */
  catchUp(): Promise<void>;
  onChange(listener: (change: AuthChange) => void): void;
  /** Called when changes may have been missed. */
  onGap(listener: () => void): void;
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export const authTopic = 'auth';
/** Ids are not in the order of commits: a transaction may be this late and is still seen. */
const overlapSeconds = 60;
const keptSeconds = 3_600;
const retryMs = 1_000;

interface Row {
  id: string;
  revoked: boolean;
  credentialId: string | null;
  userId: string | null;
  tenantId: string | null;
  roleId: string | null;
}

interface Log {
  warn(fields: object, message: string): void;
}

/** The log of changes that every node follows by the signal `auth`. */
export async function followChanges({ database, signals, log }: { database: Database; signals: Signals; log: Log }): Promise<AuthChanges> {
  const listeners: ((change: AuthChange) => void)[] = [];
  const gapListeners: (() => void)[] = [];
  let seen = new Set<string>();
  let readUntil: string | null = null;
  let reading: Promise<void> | null = null;
  let isDirty = false;
  const closed = new AbortController();
  let retry: NodeJS.Timeout | undefined;

  async function read(): Promise<Row[]> {
    const result = await database.system(async (em) => {
      const [clock] = await statement<{ now: string; missed: boolean }>(
        em,
        `select now()::text as now, coalesce($1::timestamptz < now() - interval '${keptSeconds - overlapSeconds} seconds', false) as missed`,
        [readUntil],
      );
      const rows = await statement<Row>(
        em,
        `select id::text as id, revoked, credential_id as "credentialId", user_id as "userId", tenant_id as "tenantId", role_id as "roleId"
         from kernel.auth_changes where at > coalesce($1::timestamptz, now()) - interval '${overlapSeconds} seconds' order by id`,
        [readUntil],
      );
      return { clock, rows };
    });
    readUntil = result.clock?.now ?? readUntil;
    if (result.clock?.missed) for (const listener of gapListeners) listener();
    return result.rows;
  }

  function tell(row: Row): void {
    const change: AuthChange = { revoked: row.revoked };
    if (row.credentialId !== null) change.credentialId = row.credentialId;
    if (row.userId !== null) change.userId = row.userId;
    if (row.tenantId !== null) change.tenantId = row.tenantId;
    if (row.roleId !== null) change.roleId = row.roleId;
    for (const listener of listeners) listener(change);
  }

  async function drain(): Promise<void> {
    try {
      while (isDirty && !closed.signal.aborted) {
        isDirty = false;
        const rows = await read();
        const fresh = rows.filter((row) => !seen.has(row.id));
        seen = new Set(rows.map((row) => row.id));
        for (const row of fresh) tell(row);
      }
    } catch (error) {
      log.warn({ err: error }, 'changes of credentials could not be read and are tried again');
      clearTimeout(retry);
      if (!closed.signal.aborted) retry = setTimeout(() => void catchUp(), retryMs).unref();
    } finally {
      reading = null;
    }
  }

  /** One reader at a time; who asks while it reads gets one more round. Never rejects. */
  async function catchUp(): Promise<void> {
    if (closed.signal.aborted) return;
    isDirty = true;
    reading ??= drain();
    await reading;
  }

  // what happened before this node had anything to forget is of no interest
  seen = new Set((await read()).map((row) => row.id));
  const stop = signals.on(authTopic, () => void catchUp());
  return {
    async record(em, ...changes) {
      for (const change of changes) {
        await statement(em, 'insert into kernel.auth_changes (revoked, credential_id, user_id, tenant_id, role_id) values ($1, $2, $3, $4, $5)', [change.revoked, change.credentialId ?? null, change.userId ?? null, change.tenantId ?? null, change.roleId ?? null]);
      }
      await signals.raise(authTopic, em);
    },
    catchUp,
    onChange: (listener) => void listeners.push(listener),
    onGap: (listener) => void gapListeners.push(listener),
    async sweep() {
      await database.system((em) => statement(em, `delete from kernel.auth_changes where at < now() - interval '${keptSeconds} seconds'`));
    },
    async close() {
      closed.abort();
      stop();
      clearTimeout(retry);
      await reading;
    },
  };
}
