import { isError, RateLimitExceeded, ValidationError } from '@proofpix/sdk';
import { AlreadyInvited, TooManyInvitations, TooManyMails } from '../errors.ts';
import type { TeamsContext } from '../kit.ts';
import type { Invitation } from '../schemas.ts';
import { settingValues } from './settings.ts';

export type StoredInvitation = NonNullable<Awaited<ReturnType<TeamsContext['db']['invitations']['get']>>>;

export const lifeSeconds = 7 * 86_400;
const maxResent = 5;
/** Two mails to one address are at least so far apart. */
const resendPauseMs = 60_000;
const maxOpen = 500;
/** What ended so long ago is forgotten when somebody is invited: an address is not kept for ever. */
const rememberedMs = 30 * 86_400_000;

const isoIn = (ctx: TeamsContext, ms: number): string => new Date(ctx.clock.now() + ms).toISOString();

export function invitationView(ctx: TeamsContext, { id, email, role, status, invitedBy, sentAt, resent, expiresAt }: StoredInvitation): Invitation {
  const open = status === 'pending' || status === 'accepting';
  return { id, email, role, status: !open ? status : Date.parse(expiresAt) <= ctx.clock.now() ? 'expired' : 'pending', invitedBy, sentAt, resent, expiresAt };
}

const isOpen = (ctx: TeamsContext, invitation: StoredInvitation): boolean => invitationView(ctx, invitation).status === 'pending';

export function countOpen(ctx: TeamsContext): Promise<number> {
  return ctx.db.invitations.count({ status: { $in: ['pending', 'accepting'] }, expiresAt: { $gt: isoIn(ctx, 0) } });
}

/** @throws VALIDATION_ERROR for a domain that the team does not invite */
export async function requireWelcome(ctx: TeamsContext, email: string): Promise<void> {
  const { allowedEmailDomains } = await settingValues(ctx);
  const domain = email.slice(email.lastIndexOf('@') + 1);
  if (allowedEmailDomains.length === 0 || allowedEmailDomains.includes(domain)) return;
  throw ValidationError({ message: 'The team invites addresses of certain domains only.', details: { field: 'body.email', issue: 'is of a domain that the team does not invite' } });
}

/**
 * Makes an invitation, or takes up one to the same address that has ended. The mail goes out by a job
 * that is sent with the record, so there is none without the other.
 *
 * @throws ALREADY_INVITED, QUOTA_EXCEEDED
 */
export async function openInvitation(ctx: TeamsContext, { email, role, invitedBy }: { email: string; role: string; invitedBy: string }): Promise<StoredInvitation> {
  const now = isoIn(ctx, 0);
  await ctx.db.invitations.delete({ expiresAt: { $lt: isoIn(ctx, -rememberedMs) }, email: { $ne: email } });
  if ((await countOpen(ctx)) >= maxOpen) throw TooManyInvitations({ details: { quota: 'invitations', limit: maxOpen } });
  const fresh = { role, status: 'pending', resent: 0, invitedBy, sentAt: now, expiresAt: isoIn(ctx, lifeSeconds * 1000), userId: null } as const;
  try {
    return await ctx.db.transaction(async (tx) => {
      const known = await tx.db.invitations.findOne({ email });
      if (known !== null && isOpen(ctx, known)) throw AlreadyInvited({ details: { invitationId: known.id } });
      if (known === null) {
        const made = await tx.db.invitations.insert({ email, sending: 1, ...fresh });
        await tx.jobs.send('send-invitation', { invitationId: made.id, sending: 1 });
        return made;
      }
      const sending = known.sending + 1;
      if ((await tx.db.invitations.update({ id: known.id, sending: known.sending, status: known.status }, { ...fresh, sending })) === 0) throw AlreadyInvited();
      await tx.jobs.send('send-invitation', { invitationId: known.id, sending });
      return { ...known, ...fresh, sending };
    });
  } catch (error) {
    // two invitations of one address at once: the unique index has let one through
    if (isError(error, 'CONFLICT')) throw AlreadyInvited({ cause: error });
    throw error;
  }
}

/**
 * Sends a new token, which ends the one before, and begins the time anew. Null when there is nothing to send.
 *
 * @throws TOO_MANY_MAILS; RATE_LIMIT_EXCEEDED shortly after the last mail
 */
export async function resendInvitation(ctx: TeamsContext, id: string): Promise<StoredInvitation | null> {
  const known = await ctx.db.invitations.get(id);
  if (known === null || known.status !== 'pending') return null;
  if (known.resent >= maxResent) throw TooManyMails({ details: { limit: maxResent } });
  const sinceMs = ctx.clock.now() - Date.parse(known.sentAt);
  if (sinceMs < resendPauseMs) throw RateLimitExceeded({ message: 'It was sent a moment ago.', retryAfterSeconds: Math.ceil((resendPauseMs - sinceMs) / 1000) });
  const sending = known.sending + 1;
  const patch = { sending, resent: known.resent + 1, sentAt: isoIn(ctx, 0), expiresAt: isoIn(ctx, lifeSeconds * 1000) };
  return ctx.db.transaction(async (tx) => {
    if ((await tx.db.invitations.update({ id, sending: known.sending, status: 'pending' }, patch)) === 0) return null;
    await tx.jobs.send('send-invitation', { invitationId: id, sending });
    return { ...known, ...patch };
  });
}

/** Whether there was an open one. */
export async function revokeInvitation(ctx: TeamsContext, id: string): Promise<boolean> {
  return (await ctx.db.invitations.update({ id, status: 'pending' }, { status: 'revoked' })) > 0;
}
