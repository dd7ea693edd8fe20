import { route } from '../kit.ts';
import { Activity, ActivityQuery, pageOf, UserParams } from '../schemas.ts';
import { requireVisible } from '../services/find-member.ts';

export const activity = route({
  name: 'activity',
  method: 'GET',
  path: '/api/users/:userId/activity',
  access: 'user',
  summary: 'What a user did, from the audit log: one’s own, a member’s in the team, or for operators anybody’s',
  params: UserParams,
  query: ActivityQuery,
  response: pageOf(Activity),
  async handler(ctx, { params: { userId }, query }) {
    const { principal } = ctx.auth;
    // a key is not the person: it sees what it was given the permission for, in its team
    const isOwn = principal.kind === 'user' && principal.userId === userId;
    if (!isOwn && !principal.operator) await ctx.auth.require('users:activity');
    await requireVisible(ctx, userId);
    return ctx.services.users.activity({ userId, ...query });
  },
});
