import { collection, definePlugin, isError, pluginKit, Type } from '@proofpix/sdk';

/**
 * Keeps books: what was acknowledged, and what came of it. Each effect is written twice in one
 * transaction, so that half of one would show.
 */

const Key = Type.String({ maxLength: 60 });
const collections = {
  /** What `POST /both` committed together with its event and its job. */
  entries: collection({ schema: Type.Object({ key: Key }), unique: [['key']] }),
  effects: collection({ schema: Type.Object({ key: Key }), unique: [['key']] }),
  echoes: collection({ schema: Type.Object({ key: Key }) }),
};
const { route, job, subscriber, Context } = pluginKit({ collections });

/** The effect of an event or a job; the second time it is there already. */
async function apply(ctx: typeof Context, key: string): Promise<void> {
  try {
    await ctx.db.transaction(async (tx) => {
      await tx.db.effects.insert({ key });
      await tx.db.echoes.insert({ key });
    });
  } catch (error) {
    if (!isError(error, 'CONFLICT')) throw error;
  }
}

const body = { json: Type.Object({ key: Key }, { additionalProperties: false }) };

export default definePlugin({
  id: 'ledger',
  version: '1.0.0',
  title: 'Ledger',
  description: 'Keeps books of what the server acknowledged.',
  dependencies: { files: { range: '^1.0.0' } },
  capabilities: ['jobs', 'events:emit:ledger.*', 'events:on:files.uploaded'],
  collections,
  events: { 'ledger.noted': { schema: Type.Object({ key: Key }), public: false } },
  parts: [
    route({ name: 'emit', method: 'POST', path: '/api/ledger/emit', access: 'tenant', status: 201, body, handler: (ctx, { body: { key } }) => ctx.events.emit('ledger.noted', { key }) }),
    route({ name: 'send', method: 'POST', path: '/api/ledger/send', access: 'tenant', status: 201, body, handler: async (ctx, { body: { key } }) => ({ id: await ctx.jobs.send('apply', { key }) }) }),
    route({
      name: 'both',
      method: 'POST',
      path: '/api/ledger/both',
      access: 'tenant',
      status: 201,
      body,
      handler: (ctx, { body: { key } }) =>
        ctx.db.transaction(async (tx) => {
          const entry = await tx.db.entries.insert({ key });
          await tx.events.emit('ledger.noted', { key: `event of ${key}` });
          await tx.jobs.send('apply', { key: `job of ${key}` });
          return entry;
        }),
    }),
    route({
      name: 'list',
      method: 'GET',
      path: '/api/ledger/books/:book',
      access: 'tenant',
      params: Type.Object({ book: Type.Enum(['entries', 'effects', 'echoes']) }),
      query: Type.Object({ cursor: Type.Optional(Type.String()) }),
      async handler(ctx, { params, query }) {
        const { items, nextCursor } = await ctx.db[params.book as keyof typeof collections].find({ limit: 100, cursor: query.cursor ?? null });
        return { items: items.map(({ key }) => key), nextCursor };
      },
    }),
    job('apply', { schema: Type.Object({ key: Key }), retryLimit: 20, retryDelaySeconds: 0, timeoutMs: 10_000, handler: (ctx, { data }) => apply(ctx, data.key) }),
    subscriber<{ key: string }>({ name: 'noted', event: 'ledger.noted', retryLimit: 20, handler: (ctx, { payload }) => apply(ctx, payload.key) }),
    subscriber<{ fileId: string; sha256: string }>({ name: 'uploaded', event: 'files.uploaded', retryLimit: 20, handler: (ctx, { payload }) => apply(ctx, `file ${payload.fileId}`) }),
  ],
});
