import { collection, definePlugin, NotFound, pluginKit, Type } from '@proofpix/sdk';

const collections = { items: collection({ schema: Type.Object({ name: Type.String(), sizeBytes: Type.Integer() }) }) };
const { route } = pluginKit({ collections });
const params = Type.Object({ id: Type.String({ maxLength: 36 }) });
const query = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) });
const Item = Type.Object({ id: Type.String(), name: Type.String(), tags: Type.Array(Type.String()), size: Type.Integer(), createdAt: Type.String() });

/** A trivial route, one that reads a row, and one that makes it. */
export default definePlugin({
  id: 'bench-item',
  version: '1.0.0',
  title: 'Items',
  description: 'For the benchmark.',
  collections,
  parts: [
    route({ name: 'get', method: 'GET', path: '/api/bench/item/:id', access: 'tenant', params, query, response: Item, handler: (_ctx, { params: { id } }) => ({ id, name: 'A photo of a lighthouse', tags: ['sea', 'tower', 'evening'], size: 4_812_331, createdAt: '2026-11-22T12:00:00.000Z' }) }),
    route({
      name: 'row',
      method: 'GET',
      path: '/api/bench/row/:id',
      access: 'tenant',
      params,
      async handler(ctx, { params: { id } }) {
        const row = await ctx.db.items.get(id);
        if (row === null) throw NotFound();
        return row;
      },
    }),
    route({ name: 'make', method: 'POST', path: '/api/bench/row', access: 'tenant', status: 201, handler: (ctx) => ctx.db.items.insert({ name: 'photo.jpg', sizeBytes: 4_812_331 }) }),
  ],
});
