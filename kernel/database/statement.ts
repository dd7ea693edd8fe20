import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';

/**
 * Runs one statement in the entity manager's transaction with bound parameters (`$1`, `$2`, …). MikroORM's own
 * `em.execute` writes values into the text, which costs a parse per value and rests on quoting alone.
 */
export async function statement<Row extends object = Record<string, unknown>>(em: EntityManager, text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  const result = await em.getKysely().executeQuery<Row>(CompiledQuery.raw(text, [...parameters]));
  return result.rows;
}

/** As {@link statement}; answers how many rows were written. */
export async function statementCount(em: EntityManager, text: string, parameters: readonly unknown[] = []): Promise<number> {
  const result = await em.getKysely().executeQuery(CompiledQuery.raw(text, [...parameters]));
  return Number(result.numAffectedRows ?? 0n);
}
