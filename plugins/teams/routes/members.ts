import { reply, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { closed, Member, MemberParams, PageQuery, pageOf, RoleName, TeamParams } from '../schemas.ts';
import { changeRole, takeOut } from '../services/change-member.ts';

export const listMembers = route({
  name: 'members.list',
  method: 'GET',
  path: '/api/teams/:teamId/members',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:read',
  summary: 'Members of a team; search finds beginnings of addresses and names',
  params: TeamParams,
  query: Type.Object({ ...PageQuery, search: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })), role: Type.Optional(RoleName) }),
  response: pageOf(Member),
  async handler(ctx, { query }) {
    const { items, nextCursor } = await ctx.services.teams.listMembers(query);
    return { items: items.map((member) => ({ id: member.userId, ...member })), nextCursor };
  },
});

export const setMemberRole = route({
  name: 'members.setRole',
  method: 'PUT',
  path: '/api/teams/:teamId/members/:userId/role',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-members',
  summary: 'Give a member another role; nobody gives more than they hold, and a team keeps an owner',
  params: MemberParams,
  body: { json: Type.Object({ role: RoleName }, closed) },
  response: Member,
  async handler(ctx, { params: { userId }, body: { role } }) {
    const { member } = await changeRole(ctx, userId, role);
    return { id: member.userId, ...member };
  },
});

export const removeMember = route({
  name: 'members.remove',
  method: 'DELETE',
  path: '/api/teams/:teamId/members/:userId',
  access: 'tenant',
  tenantParam: 'teamId',
  summary: 'Take a member out of a team, or leave it oneself; the last owner stays. Others need teams:manage-members',
  params: MemberParams,
  status: 204,
  async handler(ctx, { params: { userId } }) {
    const { kind, userId: caller } = ctx.auth.principal;
    const leaves = kind === 'user' && caller === userId;
    if (!leaves) await ctx.auth.require('teams:manage-members');
    await takeOut(ctx, userId, leaves ? null : caller);
    return reply({ status: 204 });
  },
});
