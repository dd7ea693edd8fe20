import { definePlugin, pluginKit, Type } from '@proofpix/sdk';

const { route } = pluginKit();
const query = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })), name: Type.Optional(Type.String({ maxLength: 50 })) });
const response = Type.Object({ version: Type.String(), name: Type.String(), tags: Type.Array(Type.String()) });

/** Twenty routes with schemas. */
export const twentyRoutes = (version: string) =>
  definePlugin({
    id: 'twenty-routes',
    version,
    title: 'Twenty routes',
    description: 'For the benchmark of swaps.',
    publisher: 'bench',
    parts: Array.from({ length: 20 }, (_, at) => route({ name: `route${at}`, method: 'GET', path: `/route-${at}`, access: 'tenant', query, response, handler: () => ({ version, name: `route ${at}`, tags: ['a', 'b'] }) })),
  });
