import type { EphemeralContext } from '../kit.ts';
import type { SessionRecord } from './session-view.ts';

/** Ends sessions wherever they are, and says so in their records. */
export async function endSession(ctx: EphemeralContext, record: SessionRecord): Promise<void> {
  await ctx.scratch.end(record.scratchId);
  await ctx.db.sessions.update({ id: record.id, state: { $in: ['queued', 'processing', 'completed', 'failed'] } }, { state: 'cleaned', finishedAt: ctx.clock.date().toISOString() });
}

/** Ends and forgets all sessions of one person, or of the team. */
export async function forgetSessions(ctx: EphemeralContext, where: { ownerId?: string }): Promise<void> {
  for (;;) {
    const { items } = await ctx.db.sessions.find({ where, limit: 100 });
    if (items.length === 0) return;
    for (const { scratchId } of items) await ctx.scratch.end(scratchId);
    await ctx.db.sessions.delete({ id: { $in: items.map(({ id }) => id) } });
  }
}
