import type { Static, Stored } from '@proofpix/sdk';
import type { collections } from '../collections.ts';
import type { SessionStatus } from '../contract.ts';
import type { EphemeralContext } from '../kit.ts';
import type { Session } from '../schemas.ts';

export type SessionRecord = Stored<Static<(typeof collections)['sessions']['schema']>>;

/** Why a session failed, in words that say nothing of the document. */
const messages: Readonly<Record<string, string>> = {
  PROCESSING_FAILED: 'None of the steps could be carried out. Begin a new session to try again.',
  NO_CAPACITY: 'Too much was waiting. Begin a new session in a while.',
};

export const isOver = (status: SessionStatus): boolean => status === 'expired' || status === 'cleaned' || status === 'gone';

/** How a session stands now: a record cannot know that its time has passed or its process has ended. */
export async function statusOf(ctx: EphemeralContext, record: SessionRecord): Promise<{ status: SessionStatus; place: 'here' | 'elsewhere' | 'gone' }> {
  if (record.state === 'cleaned') return { status: 'cleaned', place: 'gone' };
  if (Date.parse(record.expiresAt) <= ctx.clock.now()) return { status: 'expired', place: 'gone' };
  const place = await ctx.scratch.state(record.scratchId);
  // not written down: a server that was only silent for a while comes back with its sessions
  return { status: place === 'gone' ? 'gone' : record.state, place };
}

export function sessionView(record: SessionRecord, status: SessionStatus = record.state): Session {
  const { id, batchId, progress, errorCode, createdAt, expiresAt, finishedAt } = record;
  return { id, sessionId: id, batchId, status, progress, error: errorCode === null ? null : { code: errorCode, message: messages[errorCode] ?? 'Processing failed.' }, createdAt, expiresAt, finishedAt };
}
