import { collection, definePlugin, pluginKit, Type, type Json } from '@proofpix/sdk';
import { refusal } from '../conformance/scenarios.ts';

const collections = { notes: collection({ schema: Type.Object({ text: Type.String({ maxLength: 200 }) }) }) };
const { route, job } = pluginKit({ collections });
const Ids = Type.Object({ note: Type.String(), file: Type.String(), handle: Type.String(), job: Type.String(), cursor: Type.String() });
const Text = Type.Object({ text: Type.String({ maxLength: 200 }) });

/** Makes one thing of every kind in its tenant, and tries to reach those of another one by their ids. */
export default definePlugin({
  id: 'probe',
  version: '1.0.0',
  title: 'Probe',
  description: 'Tries to reach what is not its tenant’s.',
  capabilities: ['files:read', 'files:write', 'jobs', 'realtime', 'db:sql'],
  collections,
  secrets: { word: { title: 'A word', hosts: [], readable: true } },
  parts: [
    route({
      name: 'seed',
      method: 'POST',
      path: '/api/probe/seed',
      access: 'tenant',
      body: { json: Text },
      async handler(ctx, { body: { text } }) {
        const [note] = await ctx.db.notes.insertMany([{ text }, { text: `${text} 2` }]);
        const { nextCursor } = await ctx.db.notes.find({ limit: 1 });
        const file = await ctx.files.write(new TextEncoder().encode(text), { mimeType: 'text/plain' });
        await ctx.kv.set('word', text);
        await ctx.secrets.set('word', text);
        return {
          note: note?.id ?? '',
          file: file.id,
          handle: await ctx.files.share(file.id, { ttlSeconds: 600 }),
          job: await ctx.jobs.send('idle', {}, { startAfter: 600 }),
          cursor: nextCursor ?? '',
          link: await ctx.links.sign({ purpose: 'visit', id: 'the same in both' }),
        };
      },
    }),
    route({
      name: 'reach',
      method: 'POST',
      path: '/api/probe/reach',
      access: 'tenant',
      body: { json: Ids },
      async handler(ctx, { body: ids }) {
        const page = await refusal(async () => (await ctx.db.notes.find({ limit: 10, cursor: ids.cursor })).items.map(({ text }) => text));
        return {
          get: await ctx.db.notes.get(ids.note),
          findOne: await ctx.db.notes.findOne({ id: ids.note } as never),
          update: await refusal(() => ctx.db.notes.update(ids.note, { text: 'taken over' })),
          updateMany: await ctx.db.notes.update({ id: ids.note } as never, { text: 'taken over' }),
          delete: await ctx.db.notes.delete(ids.note),
          insertSame: await refusal(() => ctx.db.notes.insert({ id: ids.note, text: 'in its place' } as never)),
          page,
          sql: (await ctx.sql`select text from notes where id = ${ids.note}`) as Json,
          stat: [await refusal(() => ctx.files.stat(ids.file)), await refusal(() => ctx.files.stat(ids.handle))],
          read: [await refusal(() => first(ctx.files.read(ids.file))), await refusal(() => first(ctx.files.read(ids.handle)))],
          keep: [await refusal(() => ctx.files.keep(ids.file)), await refusal(() => ctx.files.keep(ids.handle))],
          share: await refusal(() => ctx.files.share(ids.file, { ttlSeconds: 60 })),
          deleteFile: await refusal(() => ctx.files.delete(ids.file)),
          jobStatus: await ctx.jobs.status(ids.job),
          jobCancel: await ctx.jobs.cancel(ids.job),
          word: await ctx.kv.get('word'),
          secret: await ctx.secrets.get('word'),
        } as Json;
      },
    }),
    route({ name: 'list', method: 'GET', path: '/api/probe/notes', access: 'tenant', query: Type.Object({ cursor: Type.Optional(Type.String()) }), handler: (ctx, { query }) => ctx.db.notes.find({ limit: 10, cursor: query.cursor ?? null }) }),
    route({ name: 'add', method: 'POST', path: '/api/probe/notes', access: 'tenant', status: 201, body: { json: Text }, handler: (ctx, { body }) => ctx.db.notes.insert(body) }),
    route({ name: 'publish', method: 'POST', path: '/api/probe/publish', access: 'tenant', body: { json: Type.Object({ room: Type.String(), user: Type.String(), text: Type.String() }) }, async handler(ctx, { body: { room, user, text } }) {
      for (const to of [{ room }, { user }, { tenant: true as const }]) await ctx.realtime.publish(to, 'probe:said', { text });
      return { ok: true };
    } }),
    route({ name: 'visit', method: 'POST', path: '/api/probe/visits/:token', access: 'public', tenantFrom: { in: 'params', name: 'token', purpose: 'visit' }, params: Type.Object({ token: Type.String() }), status: 201, async handler(ctx) {
      return { word: await ctx.kv.get('word'), visit: await ctx.kv.increment('visits') };
    } }),
    job('idle', { schema: Type.Object({}), retryLimit: 0, retryDelaySeconds: 0, timeoutMs: 1000, handler: async () => undefined }),
  ],
});

async function first(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  for await (const chunk of bytes) return chunk.length;
  return 0;
}
