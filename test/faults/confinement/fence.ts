import { collection, definePlugin, pluginKit, Type } from '@proofpix/sdk';
import { fencing } from './contract.ts';

const collections = { goods: collection({ schema: Type.Object({ text: Type.String() }) }) };
const { provide, hook, route } = pluginKit({ collections });
const Text = Type.Object({ text: Type.String() });

/** Takes what others bring. */
export default definePlugin({
  id: 'fence',
  version: '1.0.0',
  title: 'Fence',
  description: 'Keeps what it is given.',
  capabilities: ['hooks:spy.seen'],
  collections,
  parts: [
    provide(fencing, {
      async take(ctx, { text }) {
        await ctx.db.goods.insert({ text });
        return { code: 'done' };
      },
    }),
    hook<{ text: string }>({
      point: 'spy.seen',
      order: 0,
      timeoutMs: 1000,
      onFailure: 'closed',
      async handler(ctx, { text }) {
        await ctx.db.goods.insert({ text });
      },
    }),
    route({ name: 'goods', method: 'GET', path: '/api/fence/goods', access: 'tenant', response: Type.Array(Text), handler: async (ctx) => (await ctx.db.goods.find()).items.map(({ text }) => ({ text })) }),
  ],
});
