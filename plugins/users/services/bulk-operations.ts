import { NotFound, type Static } from '@proofpix/sdk';
import type { UsersContext } from '../kit.ts';
import type { BulkOperation } from '../schemas.ts';

export const maxRows = 1_000;

export type StoredBulk = NonNullable<Awaited<ReturnType<UsersContext['db']['bulkOperations']['get']>>>;

/** @throws NOT_FOUND also for another team's */
export async function findBulkOperation(ctx: UsersContext, id: string): Promise<StoredBulk> {
  const found = await ctx.db.bulkOperations.get(id);
  if (found === null) throw NotFound({ message: 'There is no such bulk operation.' });
  return found;
}

/** Counted when it is looked at: rows are the truth, whatever node is at work on them. */
export async function bulkView(ctx: UsersContext, { id, operation, state, total, createdBy, createdAt, completedAt }: StoredBulk): Promise<Static<typeof BulkOperation>> {
  const groups = await ctx.db.bulkRows.aggregate({ where: { operationId: id }, groupBy: ['state'], count: true });
  const of = (name: string): number => Number(groups.find((group) => group['state'] === name)?.['count'] ?? 0);
  return { id, operation, state, total, succeeded: of('succeeded'), unchanged: of('unchanged'), failed: of('failed'), pending: of('pending') + of('running'), createdBy, createdAt, completedAt };
}
