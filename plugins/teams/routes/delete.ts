import { reply } from '@proofpix/sdk';
import type { TeamDeleted } from '../contract.ts';
import { route } from '../kit.ts';
import { TeamParams } from '../schemas.ts';

export const deleteTeam = route({
  name: 'delete',
  method: 'DELETE',
  path: '/api/teams/:teamId',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:delete',
  summary: 'Delete a team for good: nobody gets in any more, its keys end, and its data is erased',
  params: TeamParams,
  status: 204,
  async handler(ctx) {
    const deleted: TeamDeleted = { teamId: ctx.auth.tenantId };
    await ctx.services.teams.delete({ emit: [{ name: 'teams.deleted', payload: deleted }] });
    return reply({ status: 204 });
  },
});
