import { EventType, TransactionEventBroadcaster } from '@mikro-orm/core';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Unavailable } from '@proofpix/sdk';
import { type ControlledTransaction, type Driver, Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import type { Pool, PoolClient } from 'pg';

/** A Kysely dialect on one connection whose transaction somebody else began and will end. */
class JoinedDialect extends PostgresDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    return Object.assign(driver, {
      beginTransaction: async () => undefined,
      commitTransaction: async () => undefined,
      rollbackTransaction: async () => undefined,
    });
  }
}

const joinedKyselys = new WeakMap<PoolClient, Kysely<unknown>>();

function kyselyOn(client: PoolClient): Kysely<unknown> {
  let kysely = joinedKyselys.get(client);
  if (!kysely) {
    const pool = { connect: async () => ({ query: client.query.bind(client), release: () => undefined }), end: async () => undefined };
    kysely = new Kysely<unknown>({ dialect: new JoinedDialect({ pool: pool as unknown as PostgresPool }) });
    joinedKyselys.set(client, kysely);
  }
  return kysely;
}

/** MikroORM inside a transaction that is open on a connection of its pool. */
export interface JoinedTransaction {
  /** What `fn` writes commits or rolls back with the transaction; a nested `em.transactional` is a savepoint. */
  run<T>(fn: (em: EntityManager) => Promise<T>): Promise<T>;
  /** Tells MikroORM's subscribers how the transaction ended. Call it once, after the server has answered. */
  ended(how: 'committed' | 'rolled back'): Promise<void>;
}

export function joinTransaction(orm: MikroORM, client: PoolClient): JoinedTransaction {
  let joined: ControlledTransaction<unknown> | undefined;
  let last: EntityManager | undefined;
  return {
    async run(fn) {
      joined ??= await kyselyOn(client).startTransaction().execute();
      const em = orm.em.fork() as EntityManager;
      last = em;
      em.setTransactionContext(joined as never);
      const result = await fn(em);
      await em.flush();
      return result;
    },
    async ended(how) {
      if (!joined || !last) return;
      const event = how === 'committed' ? EventType.afterTransactionCommit : EventType.afterTransactionRollback;
      await new TransactionEventBroadcaster(last).dispatchEvent(event, joined as never);
      last.resetTransactionContext();
      await joined.rollback().execute();
    },
  };
}

/**
 * One transaction of MikroORM whose opening (settings, role) leaves together with its first statement. Should the
 * opening fail, PostgreSQL refuses what follows, or sees the serving login without a tenant.
 */
export async function inTransaction<T>(orm: MikroORM, pool: Pool, opening: string, fn: (em: EntityManager) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw Unavailable({ message: 'The database did not answer in time.', retryAfterSeconds: 1, cause: error });
  });
  const joined = joinTransaction(orm, client);
  let healthy = false;
  try {
    const begun = client.query(opening);
    begun.catch(() => undefined);
    let result: T;
    try {
      result = await joined.run(fn);
      await begun;
    } catch (error) {
      await client.query('rollback');
      healthy = true;
      await joined.ended('rolled back');
      throw error;
    }
    const { command } = await client.query('commit');
    healthy = true;
    // a caller that swallowed a failed statement must not believe it was kept
    if (command === 'ROLLBACK') {
      await joined.ended('rolled back');
      throw new Error('A statement of the transaction failed, so it was rolled back');
    }
    await joined.ended('committed');
    return result;
  } finally {
    client.release(!healthy);
  }
}
