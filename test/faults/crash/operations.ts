import { definePlugin, kernelOperations, pluginKit, Type } from '@proofpix/sdk';

const services = { operations: kernelOperations };
const { route } = pluginKit({ services });

/** The operator's switch for maintenance mode. */
export default definePlugin({
  id: 'operations',
  version: '1.0.0',
  title: 'Operations',
  description: 'Switches maintenance mode.',
  capabilities: ['kernel:operations'],
  services,
  parts: [
    route({
      name: 'maintenance',
      method: 'POST',
      path: '/api/operations/maintenance',
      access: 'operator',
      body: { json: Type.Object({ on: Type.Boolean() }, { additionalProperties: false }) },
      async handler(ctx, { body }) {
        await ctx.services.operations.setMaintenance({ on: body.on, message: 'Back soon.', until: null });
        return { on: body.on };
      },
    }),
  ],
});
