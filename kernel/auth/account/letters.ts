import type { EntityManager } from '@mikro-orm/postgresql';
import { compose, type Letter, type Mail } from '../../mail/index.ts';

/** A person whom a letter is for. */
export interface Addressee {
  email: string;
  firstName: string;
}

export const tokenHours = { verify: 24, reset: 1, change: 24 } as const;
const hourMs = 3_600_000;

type Page = 'verify-email' | 'reset-password' | 'change-email';

/** Letters about an account, stored in the caller's transaction. */
export interface AccountLetters {
  verifyEmail(em: EntityManager, to: Addressee, token: string): Promise<void>;
  /** Somebody registered an address that has an account. */
  alreadyRegistered(em: EntityManager, to: Addressee): Promise<void>;
  resetPassword(em: EntityManager, to: Addressee, token: string): Promise<void>;
  passwordChanged(em: EntityManager, to: Addressee): Promise<void>;
  /** To the new address. */
  confirmNewEmail(em: EntityManager, to: Addressee, token: string): Promise<void>;
  /** To the new address, which another account has. */
  newEmailIsTaken(em: EntityManager, to: Addressee): Promise<void>;
  /** To the old address. */
  emailChangeAsked(em: EntityManager, to: Addressee): Promise<void>;
  /** To the old address. */
  emailChanged(em: EntityManager, to: Addressee): Promise<void>;
}

const notYou = 'If it was not you, choose a new password at once, and look at the sessions of your account.';

export function accountLetters({ mail }: { mail: Pick<Mail, 'send' | 'link'> }): AccountLetters {
  async function send(em: EntityManager, to: Addressee, purpose: string, letter: Omit<Letter, 'name'>, usefulForHours?: number): Promise<void> {
    await mail.send(em, { recipient: to.email, purpose, tenantId: null, ...compose({ name: to.firstName, ...letter }), ...(usefulForHours === undefined ? {} : { usefulForMs: usefulForHours * hourMs }) });
  }
  // after the #, where no server's log and no Referer header has it
  const page = (name: Page, token: string): string => mail.link(`/account/${name}#token=${token}`);

  return {
    verifyEmail: (em, to, token) =>
      send(
        em,
        to,
        'verify-email',
        {
          subject: 'Confirm your email address',
          paragraphs: ['An account was made with this email address. Please confirm that the address is yours.', `The link is good for ${tokenHours.verify} hours and once.`, 'If you did not make an account, do nothing: without this step the address counts as nobody’s.'],
          action: { label: 'Confirm the address', url: page('verify-email', token) },
        },
        tokenHours.verify,
      ),
    alreadyRegistered: (em, to) =>
      send(em, to, 'already-registered', {
        subject: 'You already have an account',
        paragraphs: ['Somebody, probably you, tried to make an account with this email address. It has one already, so nothing was changed: log in with it.', 'If you forgot the password, ask for a new one where you log in. If it was not you, there is nothing to do.'],
      }),
    resetPassword: (em, to, token) =>
      send(
        em,
        to,
        'reset-password',
        {
          subject: 'Choose a new password',
          paragraphs: ['Somebody, probably you, asked for a new password for your account.', 'The link is good for one hour and once. If it was not you, do nothing: your password stays as it is.'],
          action: { label: 'Choose a new password', url: page('reset-password', token) },
        },
        tokenHours.reset,
      ),
    passwordChanged: (em, to) => send(em, to, 'password-changed', { subject: 'Your password was changed', paragraphs: ['The password of your account was changed, and sessions on other devices were ended.', notYou] }),
    confirmNewEmail: (em, to, token) =>
      send(
        em,
        to,
        'change-email',
        {
          subject: 'Confirm your new email address',
          paragraphs: ['This address is to become the email address of an account. Please confirm that it is yours.', `The link is good for ${tokenHours.change} hours and once. If you know nothing of this, do nothing.`],
          action: { label: 'Confirm the new address', url: page('change-email', token) },
        },
        tokenHours.change,
      ),
    newEmailIsTaken: (em, to) =>
      send(em, to, 'email-is-taken', { subject: 'This address has an account', paragraphs: ['Somebody, perhaps you, wanted to make this address the email address of another account. It has an account already, so nothing was changed.', 'If it was not you, there is nothing to do.'] }),
    emailChangeAsked: (em, to) =>
      send(em, to, 'email-change-asked', { subject: 'Your email address is to be changed', paragraphs: ['Somebody who knows your password asked to change the email address of your account. It changes as soon as the new address is confirmed.', notYou] }),
    emailChanged: (em, to) => send(em, to, 'email-changed', { subject: 'Your email address was changed', paragraphs: ['Your account has another email address from now on; this one can no longer log in.', 'If it was not you, write to whoever runs this service.'] }),
  };
}
