import type { EntityManager } from '@mikro-orm/postgresql';
import type { Mail } from '../mail/contract.ts';
import type { UserRecord } from './users.ts';

/** What happened to the ways into an account. */
export type FactorChange =
  | { kind: 'mfa-enabled' }
  | { kind: 'mfa-disabled' }
  | { kind: 'mfa-reset' }
  | { kind: 'recovery-codes-renewed' }
  | { kind: 'recovery-code-used'; left: number }
  | { kind: 'second-factor-guessed' }
  | { kind: 'passkey-added'; name: string }
  | { kind: 'passkey-removed'; name: string }
  | { kind: 'passkey-counter-refused'; name: string };

/** Tells the owner, in the caller's transaction: whoever changed it may be somebody else. */
export type TellOwner = (em: EntityManager, user: Pick<UserRecord, 'email' | 'firstName'>, change: FactorChange) => Promise<void>;

function textOf(change: FactorChange): { subject: string; happened: string } {
  switch (change.kind) {
    case 'mfa-enabled':
      return { subject: 'Two-step login is on', happened: 'two-step login was switched on for your account. Logging in with a password now also asks for a code from your app.' };
    case 'mfa-disabled':
      return { subject: 'Two-step login is off', happened: 'two-step login was switched off for your account. Its recovery codes are no longer good.' };
    case 'mfa-reset':
      return { subject: 'Your second factors were removed', happened: 'an operator removed two-step login and every passkey from your account and ended all its sessions. Set them up again after you have logged in.' };
    case 'recovery-codes-renewed':
      return { subject: 'New recovery codes', happened: 'new recovery codes were made for your account. The ones before them are no longer good.' };
    case 'recovery-code-used':
      return { subject: 'A recovery code was used', happened: `a recovery code was used for your account. Codes left: ${change.left}.` };
    case 'second-factor-guessed':
      return { subject: 'Somebody is guessing your codes', happened: 'somebody who knows your password, or holds one of your sessions, has tried several wrong codes. We let them try ever more slowly; your recovery codes and passkeys still work.' };
    case 'passkey-added':
      return { subject: 'A passkey was added', happened: `the passkey “${change.name}” was added to your account. Whoever holds it can log in.` };
    case 'passkey-removed':
      return { subject: 'A passkey was removed', happened: `the passkey “${change.name}” was removed from your account.` };
    case 'passkey-counter-refused':
      return { subject: 'A passkey was refused', happened: `a login with the passkey “${change.name}” was refused: it counts its uses, and the count went back. A copy of it may exist. Remove it from your account if you do not know why.` };
  }
}

/** Plain text: nothing that people typed can become markup. Names have no line breaks. */
export function tellOwner({ mail }: { mail: Pick<Mail, 'send'> }): TellOwner {
  return async (em, { email, firstName }, change) => {
    const { subject, happened } = textOf(change);
    const text = `Hello ${firstName},\n\n${happened}\n\nIf this was not you, change your password and look at the sessions of your account.\n`;
    await mail.send(em, { recipient: email, subject, text, purpose: change.kind, tenantId: null });
  };
}
