import { route } from '../kit.ts';
import { TeamParams, Usage } from '../schemas.ts';
import { countOpen } from '../services/invitations.ts';

export const getUsage = route({
  name: 'usage',
  method: 'GET',
  path: '/api/teams/:teamId/usage',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:read',
  summary: 'What a team has and holds',
  params: TeamParams,
  response: Usage,
  async handler(ctx) {
    const usage = await ctx.services.teams.usage({});
    return { teamId: ctx.auth.tenantId, ...usage, openInvitations: await countOpen(ctx) };
  },
});
