import { route } from '../kit.ts';
import { Session, SessionParams } from '../schemas.ts';
import { endSession } from '../services/end-session.ts';
import { findSession } from '../services/find-session.ts';
import { isOver, sessionView, statusOf } from '../services/session-view.ts';

export const cleanup = route({
  name: 'cleanup',
  method: 'DELETE',
  path: '/api/ephemeral/:sessionId/cleanup',
  access: 'tenant',
  permission: 'ephemeral:process',
  summary: 'End a session now: its key is forgotten and its files are removed',
  params: SessionParams,
  response: Session,
  async handler(ctx, { params: { sessionId } }) {
    const { record } = await findSession(ctx, sessionId);
    const { status } = await statusOf(ctx, record);
    // a server that has been silent may be alive after all
    if (status === 'gone') await ctx.scratch.end(record.scratchId);
    if (isOver(status)) return sessionView(record, status);
    await endSession(ctx, record);
    await ctx.auth.audit({ action: 'session-cleaned', target: sessionId });
    return sessionView({ ...record, state: 'cleaned', finishedAt: ctx.clock.date().toISOString() });
  },
});
