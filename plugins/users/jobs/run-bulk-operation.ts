import { statusOfKind, toWireError, Type } from '@proofpix/sdk';
import { job, type UsersContext } from '../kit.ts';
import { act, type BulkOperationName, type BulkOptions } from '../services/row-actions.ts';
import type { StoredBulk } from '../services/bulk-operations.ts';

const batch = 50;
type Row = Awaited<ReturnType<UsersContext['db']['bulkRows']['find']>>['items'][number];

/** What will not be otherwise at the next try; anything else ends this try of the job, and the row stays to be done. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

async function runRow(ctx: UsersContext, { operation, options }: StoredBulk, row: Row): Promise<void> {
  const again = row.state === 'running';
  if (!again) await ctx.db.bulkRows.update(row.id, { state: 'running' });
  try {
    await ctx.db.bulkRows.update(row.id, { state: await act(ctx, operation as BulkOperationName, options as BulkOptions, row.userId, again) });
  } catch (error) {
    const { code, kind, message } = toWireError(error);
    if (!isFinal(statusOfKind[kind])) throw error;
    await ctx.db.bulkRows.update(row.id, { state: 'failed', error: { code, message: message.slice(0, 500) } });
  }
}

/** Runs as whoever asked, with the rights they have when each row's turn comes. A second try goes on where the first one was cut off. */
export const runBulkOperation = job('run-bulk-operation', {
  schema: Type.Object({ operationId: Type.String({ format: 'uuid' }) }),
  retryLimit: 5,
  retryDelaySeconds: 5,
  timeoutMs: 1_800_000,
  async handler(ctx, { data: { operationId } }) {
    await ctx.db.bulkOperations.update({ id: operationId, state: 'queued' }, { state: 'running' });
    const operation = await ctx.db.bulkOperations.get(operationId);
    if (operation === null || operation.state === 'completed') return;
    const open = { operationId, state: { $in: ['pending' as const, 'running' as const] } };
    for (;;) {
      const { items } = await ctx.db.bulkRows.find({ where: open, orderBy: [['position', 'asc']], limit: batch });
      for (const row of items) {
        await runRow(ctx, operation, row);
        await ctx.jobs.progress((row.position + 1) / operation.total, `${row.position + 1} of ${operation.total}`);
      }
      if (items.length < batch) break;
    }
    await ctx.db.bulkOperations.update(operationId, { state: 'completed', completedAt: ctx.clock.date().toISOString() });
  },
});
