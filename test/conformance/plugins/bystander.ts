import { definePlugin, NotFound, pluginKit, Type } from '@proofpix/sdk';
import { denied, refusal } from '../scenarios.ts';

const { route } = pluginKit();

/** Has no capability at all. */
export default definePlugin({
  id: 'bystander',
  version: '1.0.0',
  title: 'Bystander',
  description: 'Asks for what it was not granted.',
  parts: [
    route({
      name: 'denied.run',
      method: 'POST',
      path: '/api/bystander/denied',
      access: 'tenant',
      body: { json: Type.Object({ capability: Type.String() }) },
      handler(ctx, { body }) {
        const run = Object.hasOwn(denied, body.capability) ? denied[body.capability] : undefined;
        if (run === undefined) throw NotFound();
        return refusal(() => run(ctx as never));
      },
    }),
  ],
});
