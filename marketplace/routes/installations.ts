import { Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Config, Installed, InstalledList, Plan, PluginId, PluginParams, Version } from '../schemas.ts';

const Target = Type.Object({ pluginId: PluginId, version: Type.Optional(Version) }, { additionalProperties: false });

export const listInstalled = route({
  name: 'installations.list',
  method: 'GET',
  path: '/api/plugins/installed',
  access: 'tenant',
  permission: 'plugins:read',
  summary: 'Plugins of this tenant, with their state',
  response: InstalledList,
  handler: async (ctx) => ({ ...(await ctx.services.plugins.listInstalled({})), nextCursor: null }),
});

export const plan = route({
  name: 'installations.plan',
  method: 'POST',
  path: '/api/plugins/plan',
  access: 'tenant',
  permission: 'plugins:manage',
  idempotent: true,
  summary: 'What installing would mean: capabilities in plain words, versions and why, routes, storage, limits, migration',
  body: { json: Target },
  response: Plan,
  handler: (ctx, { body }) => ctx.services.plugins.plan(body),
});

export const install = route({
  name: 'installations.install',
  method: 'POST',
  path: '/api/plugins/install',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Install or upgrade; grants must hold every capability of the plan',
  status: 201,
  body: { json: Type.Object({ pluginId: PluginId, version: Type.Optional(Version), grants: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 100 }), config: Type.Optional(Config) }, { additionalProperties: false }) },
  response: Installed,
  timeoutMs: 120_000,
  handler: (ctx, { body }) => ctx.services.plugins.install(body),
});

export const enable = route({
  name: 'installations.enable',
  method: 'PUT',
  path: '/api/plugins/:pluginId/enable',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Switch a plugin on or off for this tenant',
  params: PluginParams,
  body: { json: Type.Object({ enabled: Type.Boolean({ default: true }) }, { additionalProperties: false }) },
  response: Installed,
  handler: (ctx, { params, body }) => ctx.services.plugins.setEnabled({ pluginId: params.pluginId, enabled: body.enabled }),
});

export const rollback = route({
  name: 'installations.rollback',
  method: 'POST',
  path: '/api/plugins/:pluginId/rollback',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Go back to the version before the last upgrade',
  params: PluginParams,
  response: Installed,
  handler: (ctx, { params }) => ctx.services.plugins.rollback(params),
});

export const uninstall = route({
  name: 'installations.uninstall',
  method: 'DELETE',
  path: '/api/plugins/:pluginId/uninstall',
  access: 'tenant',
  permission: 'plugins:manage',
  summary: 'Uninstall; data=purge also removes everything it stored for this tenant',
  params: PluginParams,
  query: Type.Object({ data: Type.Enum(['keep', 'purge'], { default: 'keep' }) }),
  response: Type.Object({ uninstalled: Type.Boolean() }),
  handler: (ctx, { params, query }) => ctx.services.plugins.uninstall({ pluginId: params.pluginId, data: query.data }),
});
