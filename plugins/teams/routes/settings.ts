import { route } from '../kit.ts';
import { Settings, SettingsPatch, TeamParams } from '../schemas.ts';
import { settingsOf, updateSettings } from '../services/settings.ts';

export const getSettings = route({
  name: 'settings.get',
  method: 'GET',
  path: '/api/teams/:teamId/settings',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:read',
  summary: 'Settings of a team, with defaults',
  params: TeamParams,
  response: Settings,
  handler: settingsOf,
});

export const putSettings = route({
  name: 'settings.update',
  method: 'PUT',
  path: '/api/teams/:teamId/settings',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage',
  summary: 'Change settings of a team; what is left out stays',
  params: TeamParams,
  body: { json: SettingsPatch },
  response: Settings,
  async handler(ctx, { body }) {
    await updateSettings(ctx, body);
    return settingsOf(ctx);
  },
});
