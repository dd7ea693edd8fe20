import { defineError } from '@proofpix/sdk';

/** Unknown, used, revoked, replaced by a later one, expired: nobody is told which. */
export const InvitationNotValid = defineError({ code: 'NOT_FOUND', kind: 'not-found', message: 'This invitation is not valid, or no longer.' });
/** The address has an invitation that is still good: send it again, or revoke it. */
export const AlreadyInvited = defineError({ code: 'ALREADY_INVITED', kind: 'conflict', message: 'This address has an open invitation.' });
/** The same invitation is being taken at this moment. */
export const InvitationInUse = defineError({ code: 'INVITATION_IN_USE', kind: 'conflict', message: 'This invitation is being accepted right now. Try again in a minute.' });
/** Who invited may no longer give the role, or the address is no longer welcome. */
export const InvitationWithdrawn = defineError({ code: 'INVITATION_WITHDRAWN', kind: 'conflict', message: 'Whoever invited you may not do so any more. Ask them for a new invitation.' });
/** The address has an account: sign in with it, then accept. */
export const AccountExists = defineError({ code: 'ACCOUNT_EXISTS', kind: 'conflict', message: 'There is an account with this address. Sign in and accept the invitation.' });
/** `details.limit`; a new one can be made once this one is revoked or has expired. */
export const TooManyMails = defineError({ code: 'TOO_MANY_MAILS', kind: 'limited', message: 'This invitation was sent often enough.' });
/** `details.limit` */
export const TooManyInvitations = defineError({ code: 'QUOTA_EXCEEDED', kind: 'limited', message: 'The team has too many open invitations.' });
