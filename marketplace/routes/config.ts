import { Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Config, PluginParams } from '../schemas.ts';

export const getConfig = route({
  name: 'config.get',
  method: 'GET',
  path: '/api/plugins/:pluginId/config',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'A plugin’s configuration in this tenant, its schema, and which secrets are set',
  params: PluginParams,
  response: Type.Object({ schema: Type.Union([Config, Type.Null()]), config: Config, secrets: Type.Array(Type.Object({ name: Type.String(), title: Type.String(), isSet: Type.Boolean() })) }),
  handler: (ctx, { params }) => ctx.services.plugins.getConfig(params),
});

export const setConfig = route({
  name: 'config.set',
  method: 'PUT',
  path: '/api/plugins/:pluginId/config',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Change a plugin’s configuration; secrets are set and never shown',
  params: PluginParams,
  body: { json: Type.Object({ config: Type.Optional(Config), secrets: Type.Optional(Type.Record(Type.String({ maxLength: 50 }), Type.Union([Type.String({ maxLength: 65_536 }), Type.Null()]))) }, { additionalProperties: false }) },
  response: Type.Object({ config: Config }),
  handler: (ctx, { params, body }) => ctx.services.plugins.setConfig({ pluginId: params.pluginId, ...body }),
});
