import { isError } from '@proofpix/sdk';
import { AccountExists, InvitationInUse, InvitationNotValid, InvitationWithdrawn } from '../errors.ts';
import type { TeamsContext } from '../kit.ts';
import { requireWelcome, type StoredInvitation } from './invitations.ts';

/** After that a taker has died; the kernel itself sees to it that nobody joins twice. */
const takingMs = 60_000;

/** `<invitation>.<sending>`, as the token carries it. */
export const linkIdOf = (id: string, sending: number): string => `${id}.${sending}`;

/**
 * The invitation of the call's link, while it can be taken.
 *
 * @throws NOT_FOUND for any other; it says no more than that
 */
export async function linkedInvitation(ctx: TeamsContext): Promise<StoredInvitation> {
  const [id = '', sending] = (ctx.auth.link?.id ?? '').split('.');
  const found = await ctx.db.invitations.get(id);
  const isLive = found !== null && String(found.sending) === sending && (found.status === 'pending' || found.status === 'accepting') && Date.parse(found.expiresAt) > ctx.clock.now();
  if (!isLive) throw InvitationNotValid();
  return found;
}

/** What the kernel says no to for good; after anything else it may have said yes. */
const refusals = ['FORBIDDEN', 'CONFLICT', 'NOT_FOUND', 'VALIDATION_ERROR', 'UNAUTHORIZED', 'RATE_LIMIT_EXCEEDED', 'QUOTA_EXCEEDED'];

function reasonOf(error: unknown): unknown {
  return (error as { details?: { reason?: unknown } }).details?.reason;
}

/**
 * Takes an invitation for a user: reserved first, so that it is taken once, then `join`, then marked. A
 * refusal gives it back, or ends it where who invited may not do so any more; should the outcome stay
 * unknown, the same user may try again at once and anybody else in a minute.
 *
 * @throws NOT_FOUND, INVITATION_IN_USE, INVITATION_WITHDRAWN, ACCOUNT_EXISTS, and what `join` throws
 */
export async function takeInvitation<T>(ctx: TeamsContext, invitation: StoredInvitation, userId: string, join: (invitation: StoredInvitation) => Promise<T>): Promise<T> {
  const { id, sending } = invitation;
  const now = ctx.clock.now();
  await requireWelcome(ctx, invitation.email).catch(() => {
    throw InvitationWithdrawn();
  });
  const reserved = await ctx.db.invitations.update(
    {
      id,
      sending,
      expiresAt: { $gt: new Date(now).toISOString() },
      $or: [{ status: 'pending' }, { status: 'accepting', userId }, { status: 'accepting', updatedAt: { $lt: new Date(now - takingMs).toISOString() } }],
    },
    { status: 'accepting', userId },
  );
  if (reserved === 0) throw (await ctx.db.invitations.get(id))?.status === 'accepting' ? InvitationInUse() : InvitationNotValid();
  const settle = (status: 'pending' | 'accepted' | 'revoked') => ctx.db.invitations.update({ id, sending, status: 'accepting', userId }, status === 'accepted' ? { status } : { status, userId: null });
  try {
    const joined = await join(invitation);
    await settle('accepted');
    return joined;
  } catch (error) {
    const reason = reasonOf(error);
    const withdrawn = reason === 'exceeds-own-role' || isError(error, 'NOT_FOUND');
    if (refusals.some((code) => isError(error, code))) await settle(withdrawn ? 'revoked' : reason === 'member-already' ? 'accepted' : 'pending');
    if (withdrawn) throw InvitationWithdrawn({ cause: error });
    if (reason === 'has-account') throw AccountExists({ cause: error });
    throw error;
  }
}
