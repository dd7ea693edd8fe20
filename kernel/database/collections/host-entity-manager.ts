import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { type Driver, Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import type { PoolClient } from 'pg';

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

/**
 * An entity manager inside the transaction that is open on `client`: what it writes commits or rolls back with it.
 * Nested `em.transactional` become savepoints.
 */
export async function withJoinedEntityManager<T>(orm: MikroORM, client: PoolClient, fn: (em: EntityManager) => Promise<T>): Promise<T> {
  const pool = { connect: async () => ({ query: client.query.bind(client), release: () => undefined }), end: async () => undefined };
  const kysely = new Kysely<unknown>({ dialect: new JoinedDialect({ pool: pool as unknown as PostgresPool }) });
  const transaction = await kysely.startTransaction().execute();
  const em = orm.em.fork() as EntityManager;
  em.setTransactionContext(transaction as never);
  try {
    const result = await fn(em);
    await em.flush();
    return result;
  } finally {
    em.resetTransactionContext();
    await transaction.rollback().execute();
  }
}
