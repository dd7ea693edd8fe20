import { definePlugin, pluginKit } from '@proofpix/sdk';
import { lender } from './contract.ts';

const { provide } = pluginKit();

/** May store files, and does so for whoever asks. */
export default definePlugin({
  id: 'lender',
  version: '1.0.0',
  title: 'Lender',
  description: 'Offers what it may do.',
  capabilities: ['files:write'],
  parts: [
    provide(lender, {
      async keep(ctx, { text }) {
        const { sizeBytes } = await ctx.files.write(new TextEncoder().encode(text));
        return { sizeBytes };
      },
    }),
  ],
});
