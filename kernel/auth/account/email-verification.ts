import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Auth } from '../contract.ts';
import { requireEmail } from '../email.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import { type CallerOf, tenantFor } from '../sign-in.ts';
import type { Throttle } from '../throttle.ts';
import { userByEmail, userById, type UserRecord } from '../users.ts';
import type { AfterAnswer } from './after-answer.ts';
import { type AccountLetters, tokenHours } from './letters.ts';
import { tokenRefused } from './token-refused.ts';

/** Proof that somebody reads the mail of an address. */
export interface EmailVerification {
  /** whether a login needs it */
  readonly required: boolean;
  /** Sends a token, in the caller's transaction. */
  start(em: EntityManager, user: Pick<UserRecord, 'id' | 'email' | 'firstName'>): Promise<void>;
  /** @throws VALIDATION_ERROR for any token that is not good, whatever is wrong with it */
  verify(token: string, caller: CallerOf): Promise<{ email: string }>;
  /** Sends another token to an address that has an account and is not verified; nobody learns which. @throws VALIDATION_ERROR for what is no address */
  resend(email: string): void;
  /** As {@link resend}, to somebody who knows the password. */
  remind(user: UserRecord): void;
}

export interface EmailVerificationOptions {
  database: Pick<Database, 'system'>;
  oneTime: OneTimeTokens;
  letters: AccountLetters;
  throttle: Pick<Throttle, 'mayMail'>;
  later: AfterAnswer;
  audit: Auth['audit'];
  required: boolean;
}

const purpose = 'verify-email';

export function emailVerification({ database, oneTime, letters, throttle, later, audit, required }: EmailVerificationOptions): EmailVerification {
  const start: EmailVerification['start'] = async (em, user) => {
    // who asks again must not end the token that is on its way
    const token = await oneTime.issue(em, { purpose, userId: user.id, data: { email: user.email }, lifeMs: tokenHours.verify * 3_600_000, replaces: false });
    await letters.verifyEmail(em, user, token);
  };

  function sendAgain(email: string): void {
    later.add(() =>
      database.system(async (em) => {
        const user = await userByEmail(em, email);
        if (user === null || user.status !== 'active' || user.emailVerified) return;
        if (await throttle.mayMail(em, purpose, email)) await start(em, user);
      }));
  }

  return {
    required,
    start,
    verify: (token, caller) =>
      database.system(async (em) => {
        const taken = await oneTime.take(em, purpose, token);
        const user = taken?.userId == null ? null : await userById(em, taken.userId);
        // the address may be another one by now
        if (user === null || taken?.data?.['email'] !== user.email) throw tokenRefused();
        await statement(em, 'update kernel.users set email_verified_at = coalesce(email_verified_at, now()) where id = $1', [user.id]);
        await oneTime.revoke(em, user.id, purpose);
        await audit({ tenantId: await tenantFor(em, user.id, null), actor: { kind: 'user', userId: user.id, credentialId: null, operator: user.operator }, action: 'auth.email-verified', target: user.id, details: { address: caller.address }, requestId: caller.requestId }, em);
        return { email: user.email };
      }),
    resend: (given) => sendAgain(requireEmail(given)),
    remind({ email }) {
      try {
        sendAgain(email);
      } catch {
        // too much waits: the login must answer as it does to a wrong password
      }
    },
  };
}
