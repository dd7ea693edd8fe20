import { reply, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { BulkOperation, BulkResult, Page, pageOf } from '../schemas.ts';
import { bulkView, findBulkOperation, maxRows } from '../services/bulk-operations.ts';
import { BulkBody, requireBulkRights } from '../services/row-actions.ts';
import { selfOf } from '../services/events.ts';

const OperationParams = Type.Object({ operationId: Type.String({ format: 'uuid' }) });

export const startBulk = route({
  name: 'startBulk',
  method: 'POST',
  path: '/api/users/bulk-operations',
  access: 'tenant',
  summary: `Do one thing to up to ${maxRows} users, as a job with a result for each`,
  body: { json: BulkBody, maxBytes: 262_144 },
  status: 202,
  response: BulkOperation,
  async handler(ctx, { body: { operation, userIds, ...options } }) {
    await requireBulkRights(ctx, operation, options);
    const made = await ctx.db.transaction(async (tx) => {
      const record = await tx.db.bulkOperations.insert({ operation, options, state: 'queued', total: userIds.length, createdBy: selfOf(ctx), completedAt: null });
      await tx.db.bulkRows.insertMany(userIds.map((userId, position) => ({ operationId: record.id, position, userId: userId.toLowerCase(), state: 'pending' as const, error: null })));
      await tx.jobs.send('run-bulk-operation', { operationId: record.id });
      return record;
    });
    await ctx.auth.audit({ action: 'bulk-operation-started', target: made.id, details: { operation, total: made.total } });
    return reply({ status: 202, headers: { location: `/api/users/bulk-operations/${made.id}` }, json: await bulkView(ctx, made) });
  },
});

export const getBulk = route({
  name: 'getBulk',
  method: 'GET',
  path: '/api/users/bulk-operations/:operationId',
  access: 'tenant',
  permission: 'users:bulk',
  summary: 'How far a bulk operation is',
  params: OperationParams,
  response: BulkOperation,
  handler: async (ctx, { params }) => bulkView(ctx, await findBulkOperation(ctx, params.operationId)),
});

export const bulkResults = route({
  name: 'bulkResults',
  method: 'GET',
  path: '/api/users/bulk-operations/:operationId/results',
  access: 'tenant',
  permission: 'users:bulk',
  summary: 'What came of each row, in their order',
  params: OperationParams,
  query: Type.Object({ state: Type.Optional(Type.Enum(['pending', 'running', 'succeeded', 'unchanged', 'failed'])), limit: Page.limit, cursor: Page.cursor }, { additionalProperties: false }),
  response: pageOf(BulkResult),
  async handler(ctx, { params, query: { state, limit = 50, cursor } }) {
    const { id } = await findBulkOperation(ctx, params.operationId);
    const page = await ctx.db.bulkRows.find({ where: { operationId: id, ...(state === undefined ? {} : { state }) }, orderBy: [['position', 'asc']], limit, ...(cursor === undefined ? {} : { cursor }) });
    return { items: page.items.map(({ position, userId, state: outcome, error }) => ({ position, userId, state: outcome, error })), nextCursor: page.nextCursor };
  },
});
