import { definePlugin, pluginKit, Type } from '@proofpix/sdk';

const { route, subscriber } = pluginKit();

/** Answers its own event with the same event, for ever. */
export default definePlugin({
  id: 'echoing',
  version: '1.0.0',
  title: 'Echoing',
  description: 'Calls itself in a circle.',
  capabilities: ['events:emit:echoing.*'],
  events: { 'echoing.called': { schema: Type.Object({ depth: Type.Integer() }), public: true } },
  parts: [
    route({
      name: 'call.start',
      method: 'POST',
      path: '/api/echoing/start',
      access: 'tenant',
      body: { json: Type.Object({}) },
      async handler(ctx) {
        await ctx.events.emit('echoing.called', { depth: 0 });
        return {};
      },
    }),
    route({ name: 'call.depth', method: 'GET', path: '/api/echoing/depth', access: 'tenant', handler: async (ctx) => ({ depth: await ctx.kv.get('depth') }) }),
    route({
      name: 'call.crash',
      method: 'POST',
      path: '/api/echoing/crash',
      access: 'tenant',
      body: { json: Type.Object({}) },
      handler() {
        throw new Error('always');
      },
    }),
    subscriber<{ depth: number }>({
      name: 'echo',
      event: 'echoing.called',
      async handler(ctx, event) {
        await ctx.kv.set('depth', event.payload.depth);
        await ctx.events.emit('echoing.called', { depth: event.payload.depth + 1 });
      },
    }),
  ],
});
