import { Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { closed, Name, Team, TeamParams } from '../schemas.ts';
import { updateSettings } from '../services/settings.ts';

export const updateTeam = route({
  name: 'update',
  method: 'PUT',
  path: '/api/teams/:teamId/update',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage',
  summary: 'Rename or describe a team',
  params: TeamParams,
  body: { json: Type.Object({ name: Type.Optional(Name), description: Type.Optional(Type.String({ maxLength: 500 })) }, { ...closed, minProperties: 1 }) },
  response: Team,
  async handler(ctx, { body }) {
    await updateSettings(ctx, body);
    return ctx.services.teams.get({});
  },
});
