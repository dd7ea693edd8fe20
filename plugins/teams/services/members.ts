import { NotFound } from '@proofpix/sdk';
import { type MemberLeft, type RoleChanged, teamsMembers } from '../contract.ts';
import { provide } from '../kit.ts';

const noMember = () => NotFound({ message: 'There is no such member.' });

export const membersService = provide(teamsMembers, {
  async setRole(ctx, { userId, role }) {
    await ctx.auth.require('teams:manage-members');
    const known = await ctx.services.teams.getMember({ userId });
    if (known === null) throw noMember();
    if (known.role === role) return { changed: false };
    const changed: RoleChanged = { teamId: ctx.auth.tenantId, userId, before: known.role, after: role, changedBy: ctx.auth.principal.userId };
    await ctx.services.teams.setRole({ userId, role, expectedRole: known.role, emit: [{ name: 'teams.role-changed', payload: changed }] });
    return { changed: true };
  },
  async remove(ctx, { userId }) {
    await ctx.auth.require('teams:manage-members');
    const left: MemberLeft = { teamId: ctx.auth.tenantId, userId, removedBy: ctx.auth.principal.userId };
    const { removed } = await ctx.services.teams.removeMember({ userId, emit: [{ name: 'teams.member-left', payload: left }] });
    if (!removed) throw noMember();
    return { removed };
  },
});
