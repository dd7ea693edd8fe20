import { definePlugin, kernelIdentity, kernelOperations, pluginKit, Type, type Json } from '@proofpix/sdk';

const services = { identity: kernelIdentity, operations: kernelOperations };
const { route } = pluginKit({ services });

async function told(run: () => Promise<unknown>): Promise<Json> {
  try {
    return { answered: (await run()) as Json };
  } catch (error) {
    const { code, details } = error as { code?: string; details?: Json };
    return { code: code ?? 'none', details: details ?? null };
  }
}

/** Asks the kernel's own services, granted or not. */
export default definePlugin({
  id: 'steward',
  version: '1.0.0',
  title: 'Steward',
  description: 'Uses the kernel’s services.',
  services,
  parts: [
    route({
      name: 'ask',
      method: 'POST',
      path: '/api/steward/ask',
      access: 'tenant',
      body: { json: Type.Object({ userId: Type.String() }) },
      async handler(ctx, { body }) {
        return {
          user: await told(() => ctx.services.identity.getUser({ userId: body.userId })),
          members: await told(() => ctx.services.identity.listMembers({})),
          status: await told(() => ctx.services.operations.status({})),
          maintenance: await told(() => ctx.services.operations.setMaintenance({ on: false })),
        };
      },
    }),
  ],
});
