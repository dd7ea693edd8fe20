import { Conflict, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Auth } from '../contract.ts';
import { requireEmail } from '../email.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import type { Owner, Reauthentication } from '../owner.ts';
import { type CallerOf, tenantFor } from '../sign-in.ts';
import type { Throttle } from '../throttle.ts';
import { userByEmail, userById, type UserRecord } from '../users.ts';
import { type AccountLetters, tokenHours } from './letters.ts';
import { tokenRefused } from './token-refused.ts';

/** Another address for an account, once its mail was read. */
export interface EmailChange {
  /**
   * Mails a token to the new address and a notice to the old one. Whether the new address has an account is told to
   * nobody but its owner.
   *
   * @throws UNAUTHORIZED for a wrong password; VALIDATION_ERROR, RATE_LIMIT_EXCEEDED
   */
  ask(owner: Owner, given: { email: string; password: string }, caller: CallerOf): Promise<void>;
  /** @throws VALIDATION_ERROR for any token that is not good; CONFLICT when the address got an account meanwhile */
  confirm(token: string, caller: CallerOf): Promise<{ email: string }>;
}

export interface EmailChangeOptions {
  database: Pick<Database, 'system'>;
  oneTime: OneTimeTokens;
  reauthenticate: Reauthentication;
  letters: AccountLetters;
  throttle: Pick<Throttle, 'mayMail'>;
  audit: Auth['audit'];
}

const purpose = 'change-email';

export function emailChange({ database, oneTime, reauthenticate, letters, throttle, audit }: EmailChangeOptions): EmailChange {
  const entry = (user: UserRecord, tenantId: string | null, credentialId: string | null, action: string, caller: CallerOf): Parameters<Auth['audit']>[0] => ({
    tenantId,
    actor: { kind: 'user', userId: user.id, credentialId, operator: user.operator },
    action,
    target: user.id,
    // the addresses stay out of it: the log outlives the account
    details: { address: caller.address },
    requestId: caller.requestId,
  });
  return {
    async ask(owner, given, caller) {
      const email = requireEmail(given.email);
      const user = await reauthenticate.require(owner, given.password, caller);
      if (email === user.email) throw ValidationError({ message: 'This is your email address already.', details: { field: 'body.email', issue: 'is the present one' } });
      await database.system(async (em) => {
        const taken = await userByEmail(em, email);
        const token = await oneTime.issue(em, { purpose, userId: user.id, data: { from: user.email, to: email }, lifeMs: tokenHours.change * 3_600_000 });
        if (await throttle.mayMail(em, purpose, email)) {
          if (taken === null) await letters.confirmNewEmail(em, { ...user, email }, token);
          else await letters.newEmailIsTaken(em, taken);
        }
        if (await throttle.mayMail(em, 'email-change-asked', user.email)) await letters.emailChangeAsked(em, user);
        await audit(entry(user, owner.tenantId, owner.sessionId, 'auth.email-change-asked', caller), em);
      });
    },
    confirm: (token, caller) =>
      database.system(async (em) => {
        const taken = await oneTime.take(em, purpose, token);
        const user = taken?.userId == null ? null : await userById(em, taken.userId);
        const email = taken?.data?.['to'];
        if (user === null || typeof email !== 'string' || taken?.data?.['from'] !== user.email) throw tokenRefused();
        if ((await userByEmail(em, email)) !== null) throw Conflict({ message: 'There is an account with this email address.' });
        // should another account take it in this moment, the unique index undoes all of this
        await statement(em, 'update kernel.users set email = $2, email_verified_at = now() where id = $1', [user.id, email]);
        for (const ended of [purpose, 'verify-email', 'reset-password'] as const) await oneTime.revoke(em, user.id, ended);
        await letters.emailChanged(em, user);
        await audit(entry(user, await tenantFor(em, user.id, null), null, 'auth.email-changed', caller), em);
        return { email };
      }),
  };
}
