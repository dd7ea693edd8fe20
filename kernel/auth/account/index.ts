import type { Database } from '../../database/index.ts';
import type { Mail } from '../../mail/index.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import { reauthentication } from '../owner.ts';
import type { Passwords } from '../passwords.ts';
import type { Sessions } from '../sessions.ts';
import type { Throttle } from '../throttle.ts';
import { afterAnswer } from './after-answer.ts';
import { type EmailChange, emailChange } from './email-change.ts';
import { type EmailVerification, emailVerification } from './email-verification.ts';
import { type AccountLetters, accountLetters } from './letters.ts';
import { type OwnSessions, ownSessions } from './own-sessions.ts';
import { type PasswordReset, passwordReset } from './password-reset.ts';
import { type Register, registration } from './registration.ts';

export type { EmailChange, EmailVerification, OwnSessions, PasswordReset, Register };
export type { AccountLetters } from './letters.ts';
export type { OwnSession } from './own-sessions.ts';
export type { Registered, Registration } from './registration.ts';

/** What people do with their own account, beside logging in. */
export interface AccountFlows {
  readonly register: Register;
  readonly verification: EmailVerification;
  readonly passwordReset: PasswordReset;
  readonly emailChange: EmailChange;
  readonly ownSessions: OwnSessions;
  readonly letters: AccountLetters;
  /** Waits for mail that is still to be written, `timeoutMs` at the most. */
  idle(timeoutMs: number): Promise<void>;
}

export interface AccountFlowOptions {
  database: Database;
  passwords: Passwords;
  oneTime: OneTimeTokens;
  sessions: Sessions;
  changes: AuthChanges;
  throttle: Throttle;
  mail: Mail;
  audit: Auth['audit'];
  /** whether a login needs a verified address */
  verificationRequired: boolean;
  log: { warn(fields: object, message: string): void };
}

export function accountFlows(options: AccountFlowOptions): AccountFlows {
  const letters = accountLetters(options);
  const later = afterAnswer(options);
  const shared = { ...options, letters, later };
  const verification = emailVerification({ ...shared, required: options.verificationRequired });
  return {
    register: registration({ ...shared, verification }),
    verification,
    passwordReset: passwordReset(shared),
    emailChange: emailChange({ ...shared, reauthenticate: reauthentication(options) }),
    ownSessions: ownSessions(options),
    letters,
    idle: (timeoutMs) => later.idle(timeoutMs),
  };
}
