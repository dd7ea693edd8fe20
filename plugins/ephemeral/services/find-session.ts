import { NotFound } from '@proofpix/sdk';
import type { EphemeralContext } from '../kit.ts';
import type { SessionRecord } from './session-view.ts';

/**
 * A session of the caller's own; of anybody in the team for who may manage them.
 *
 * @throws NOT_FOUND also for others' sessions: that there is one says something already
 */
export async function findSession(ctx: EphemeralContext, id: string): Promise<{ record: SessionRecord; isOwn: boolean }> {
  const record = await ctx.db.sessions.get(id);
  if (record === null) throw NotFound();
  const isOwn = record.ownerId !== null && record.ownerId === ctx.auth.principal.userId;
  if (!isOwn && !(await ctx.auth.can('ephemeral:manage'))) throw NotFound();
  return { record, isOwn };
}
