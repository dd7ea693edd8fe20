import { teamsMembers } from '../contract.ts';
import { provide } from '../kit.ts';
import { changeRole, takeOut } from './change-member.ts';

export const membersService = provide(teamsMembers, {
  async setRole(ctx, { userId, role }) {
    await ctx.auth.require('teams:manage-members');
    const { changed } = await changeRole(ctx, userId, role);
    return { changed };
  },
  async remove(ctx, { userId }) {
    await ctx.auth.require('teams:manage-members');
    await takeOut(ctx, userId, ctx.auth.principal.userId);
    return { removed: true };
  },
});
