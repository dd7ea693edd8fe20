import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import { requireEmail } from '../email.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import { requireStrongPassword } from '../password-strength.ts';
import { type Passwords, requirePasswordText } from '../passwords.ts';
import type { Sessions } from '../sessions.ts';
import { type CallerOf, tenantFor } from '../sign-in.ts';
import type { Throttle } from '../throttle.ts';
import { setPasswordHash, userByEmail, userById } from '../users.ts';
import type { AfterAnswer } from './after-answer.ts';
import { type AccountLetters, tokenHours } from './letters.ts';
import { tokenRefused } from './token-refused.ts';

/** A new password for who reads the account's mail. */
export interface PasswordReset {
  /** Mails a token to an address that has an active account; nobody learns which. @throws VALIDATION_ERROR for what is no address */
  ask(email: string, caller: CallerOf): void;
  /**
   * Sets the password, verifies the address, ends every session and tells the owner.
   *
   * @throws VALIDATION_ERROR for any token that is not good, or a weak password, which does not use the token up
   */
  complete(given: { token: string; password: string }, caller: CallerOf): Promise<void>;
}

export interface PasswordResetOptions {
  database: Pick<Database, 'system'>;
  passwords: Passwords;
  oneTime: OneTimeTokens;
  sessions: Pick<Sessions, 'revokeAll'>;
  changes: AuthChanges;
  letters: AccountLetters;
  throttle: Pick<Throttle, 'mayMail' | 'forget'>;
  later: AfterAnswer;
  audit: Auth['audit'];
}

const purpose = 'reset-password';
/** passwords that may turn out too weak before the token is worn out */
const maxAttempts = 50;

export function passwordReset(options: PasswordResetOptions): PasswordReset {
  const { database, passwords, oneTime, sessions, changes, letters, throttle, later, audit } = options;
  return {
    ask(given, caller) {
      const email = requireEmail(given);
      later.add(() =>
        database.system(async (em) => {
          const user = await userByEmail(em, email);
          if (user === null || user.status !== 'active' || !(await throttle.mayMail(em, purpose, email))) return;
          // who asks again, or somebody else who does, must not end the token that is on its way
          const token = await oneTime.issue(em, { purpose, userId: user.id, data: { email }, lifeMs: tokenHours.reset * 3_600_000, replaces: false });
          await letters.resetPassword(em, user, token);
          await audit({ tenantId: await tenantFor(em, user.id, null), actor: { kind: 'public', userId: null, credentialId: null, operator: false }, action: 'auth.password-reset-asked', target: user.id, details: { address: caller.address }, requestId: caller.requestId }, em);
        }));
    },

    async complete({ token, password }, caller) {
      requirePasswordText(password);
      const user = await database.system(async (em) => {
        const known = await oneTime.attempt(em, purpose, token, maxAttempts);
        return known?.userId == null ? null : userById(em, known.userId);
      });
      if (user === null) throw tokenRefused();
      await requireStrongPassword(password, [user.email, user.firstName, user.lastName]);
      const hash = await passwords.hash(password);
      await database.system(async (em) => {
        const taken = await oneTime.take(em, purpose, token);
        const [now] = await statement<{ email: string }>(em, 'select email from kernel.users where id = $1 for update', [user.id]);
        if (taken?.userId !== user.id || now === undefined || taken.data?.['email'] !== now.email) throw tokenRefused();
        await setPasswordHash(em, user.id, hash);
        await statement(em, 'update kernel.users set email_verified_at = coalesce(email_verified_at, now()) where id = $1', [user.id]);
        for (const ended of [purpose, 'verify-email', 'change-email'] as const) await oneTime.revoke(em, user.id, ended);
        await sessions.revokeAll(em, user.id, 'password-reset');
        await throttle.forget(em, now.email);
        await letters.passwordChanged(em, { ...user, email: now.email });
        await audit({ tenantId: await tenantFor(em, user.id, null), actor: { kind: 'user', userId: user.id, credentialId: null, operator: user.operator }, action: 'auth.password-reset', target: user.id, details: { address: caller.address }, requestId: caller.requestId }, em);
      });
      await changes.catchUp();
    },
  };
}
