import { NotFound, Type, ValidationError } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { AvailableList, PluginId, Uploaded } from '../schemas.ts';

/** Largest package, packed. */
const packageBytes = 8_388_608;

export const listAvailable = route({
  name: 'packages.list',
  method: 'GET',
  path: '/api/plugins/available',
  access: 'tenant',
  permission: 'plugins:read',
  summary: 'Plugins that this tenant may install',
  response: AvailableList,
  handler: async (ctx) => ({ ...(await ctx.services.plugins.listAvailable({})), nextCursor: null }),
});

export const trustKey = route({
  name: 'keys.trust',
  method: 'POST',
  path: '/api/plugins/keys',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Trust a publisher’s signing key for this tenant’s private plugins; operators may trust it for the deployment',
  status: 201,
  body: { json: Type.Object({ publisher: PluginId, publicKey: Type.String({ minLength: 40, maxLength: 500 }), deployment: Type.Optional(Type.Boolean()) }, { additionalProperties: false }) },
  response: Type.Object({ id: Type.String() }),
  handler: async (ctx, { body }) => ({ id: (await ctx.services.plugins.trustKey(body)).keyId }),
});

export const revokeKey = route({
  name: 'keys.revoke',
  method: 'DELETE',
  path: '/api/plugins/keys/:keyId',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Stop trusting a key: no package signed with it is taken any more',
  params: Type.Object({ keyId: Type.String({ minLength: 1, maxLength: 100 }) }),
  query: Type.Object({ deployment: Type.Optional(Type.Boolean()) }),
  response: Type.Object({ revoked: Type.Boolean() }),
  async handler(ctx, { params, query }) {
    const answer = await ctx.services.plugins.revokeKey({ keyId: params.keyId, ...(query.deployment === undefined ? {} : { deployment: query.deployment }) });
    if (!answer.revoked) throw NotFound({ message: 'There is no such key.' });
    return answer;
  },
});

export const upload = route({
  name: 'packages.upload',
  method: 'POST',
  path: '/api/plugins/upload',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Upload a signed package (.ppx); private to this tenant unless an operator uploads it for the deployment',
  status: 201,
  body: { multipart: { fields: Type.Object({ deployment: Type.Optional(Type.Boolean()) }, { additionalProperties: false }), maxFiles: 1, maxBytes: packageBytes } },
  response: Uploaded,
  timeoutMs: 60_000,
  async handler(ctx, { body, files }) {
    const [file] = files;
    if (file === undefined) throw ValidationError({ message: 'A package is required.', details: { field: 'file', issue: 'is required' } });
    const { pluginId, ...uploaded } = await ctx.services.plugins.upload({ file: file.handle, ...(body?.deployment === undefined ? {} : { deployment: body.deployment }) });
    return { id: pluginId, ...uploaded };
  },
});
