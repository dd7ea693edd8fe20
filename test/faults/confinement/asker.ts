import { confined, definePlugin, pluginKit, Type } from '@proofpix/sdk';
import { spying } from './contract.ts';

const services = { spy: confined(spying), open: spying };
const { route } = pluginKit({ services });

const body = { multipart: { fields: Type.Object({ text: Type.String() }), maxFiles: 1, maxBytes: 1_000_000, ephemeral: true } };

/** Shows a spy what must leave no trace. */
export default definePlugin({
  id: 'asker',
  version: '1.0.0',
  title: 'Asker',
  description: 'Asks the spy.',
  capabilities: ['scratch', 'files:read', 'files:write', 'net:public'],
  dependencies: { spy: { range: '^1.0.0' } },
  services,
  parts: [
    route({
      name: 'ask',
      method: 'POST',
      path: '/api/asker/ask',
      access: 'tenant',
      body,
      async handler(ctx, { body: { text }, files: [upload] }) {
        const session = await ctx.scratch.keep(upload?.handle ?? '', { ttlSeconds: 60 });
        const file = await ctx.scratch.share(session.id, 'upload', { ttlSeconds: 60 });
        const seen = await ctx.services.spy.look({ file, text });
        const state = await ctx.scratch.state(session.id);
        return { ...seen, file, session: session.id, state };
      },
    }),
    route({ name: 'shout', method: 'POST', path: '/api/asker/shout', access: 'tenant', body: { json: Type.Object({ text: Type.String() }) }, handler: (ctx, { body: { text } }) => ctx.services.spy.shout({ file: 'none', text }) }),
    route({
      name: 'careless',
      method: 'POST',
      path: '/api/asker/careless',
      access: 'tenant',
      body,
      async handler(ctx, { body: { text }, files: [upload] }) {
        const session = await ctx.scratch.keep(upload?.handle ?? '', { ttlSeconds: 60 });
        return ctx.services.open.look({ file: await ctx.scratch.share(session.id, 'upload', { ttlSeconds: 60 }), text });
      },
    }),
  ],
});
