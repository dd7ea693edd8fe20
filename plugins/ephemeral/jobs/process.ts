import { Type } from '@proofpix/sdk';
import type { EphemeralResults } from '../contract.ts';
import { job, type EphemeralContext } from '../kit.ts';
import type { Facts } from '../services/begin-session.ts';
import { examine } from '../services/examine.ts';
import { readSealed, writeSealed } from '../services/sealed-json.ts';
import type { SessionRecord } from '../services/session-view.ts';

const isEmpty = ({ file: _file, warnings, ...found }: EphemeralResults): boolean => warnings.length > 0 && Object.values(found).every((one) => one === null);

/** Tells the owner's sockets that something happened, and nothing else. */
async function tell(ctx: EphemeralContext, { id, ownerId }: SessionRecord, event: 'ephemeral:completed' | 'ephemeral:error'): Promise<void> {
  if (ownerId !== null) await ctx.realtime.publish({ user: ownerId }, event, { sessionId: id });
}

/** Runs on the node that has the key (`ctx.scratch.run`); ends with the session. Only a session's id goes through here. */
export const process = job('process', {
  schema: Type.Object({ sessionId: Type.String({ format: 'uuid' }) }),
  retryLimit: 0,
  retryDelaySeconds: 0,
  timeoutMs: 900_000,
  async handler(ctx, { data: { sessionId } }) {
    const begun = await ctx.db.sessions.update({ id: sessionId, state: 'queued' }, { state: 'processing' });
    const record = begun === 0 ? null : await ctx.db.sessions.get(sessionId);
    if (record === null) return;
    const end = async (change: { state: 'completed' | 'failed'; errorCode: string | null }): Promise<void> => {
      const changed = await ctx.db.sessions.update({ id: sessionId, state: 'processing' }, { ...change, progress: 1, finishedAt: ctx.clock.date().toISOString() });
      if (changed > 0) await tell(ctx, record, change.state === 'completed' ? 'ephemeral:completed' : 'ephemeral:error');
    };
    let results: EphemeralResults;
    try {
      const facts = await readSealed<Facts>(ctx, record.scratchId, 'facts');
      results = await examine(ctx, record.scratchId, facts, async (progress) => void (await ctx.db.sessions.update({ id: sessionId, state: 'processing' }, { progress })));
      await writeSealed(ctx, record.scratchId, 'results', results);
    } catch (error) {
      // the session has ended: its record says so already, or will when it is read
      if (ctx.signal.aborted) return;
      await end({ state: 'failed', errorCode: 'PROCESSING_FAILED' });
      throw error;
    }
    await end(isEmpty(results) ? { state: 'failed', errorCode: 'PROCESSING_FAILED' } : { state: 'completed', errorCode: null });
  },
});
