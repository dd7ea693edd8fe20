import { route } from '../kit.ts';
import { ActiveQuery, SessionPage, type Session } from '../schemas.ts';
import { isOver, sessionView, statusOf } from '../services/session-view.ts';

export const active = route({
  name: 'active',
  method: 'GET',
  path: '/api/ephemeral/sessions/active',
  access: 'tenant',
  permission: 'ephemeral:read',
  summary: 'One’s own sessions that live; with all=true the team’s, without what is in them',
  query: ActiveQuery,
  response: SessionPage,
  async handler(ctx, { query: { limit = 50, cursor, all = false } }) {
    if (all) await ctx.auth.require('ephemeral:manage');
    const { userId } = ctx.auth.principal;
    const where = { state: { $in: ['queued', 'processing', 'completed', 'failed'] as const }, expiresAt: { $gt: ctx.clock.date().toISOString() }, ...(all ? {} : { ownerId: userId }) };
    const { items, nextCursor } = await ctx.db.sessions.find({ where, orderBy: [['createdAt', 'desc']], limit, ...(cursor === undefined ? {} : { cursor }) });
    const living: Session[] = [];
    for (const record of items) {
      const { status } = await statusOf(ctx, record);
      if (!isOver(status)) living.push(sessionView(record, status));
    }
    return { items: living, nextCursor };
  },
});
