import type { EntityManager } from '@mikro-orm/postgresql';
import { Unauthorized, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { Auth } from '../contract.ts';
import type { TellOwner } from '../factor-notices.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import type { AssertionCheck, GivenAssertion } from '../passkeys/assertion.ts';
import { type BegunSession, type CallerOf, type Login, type SignIn, tenantFor } from '../sign-in.ts';
import { userById, type UserRecord } from '../users.ts';
import type { FactorCheck, GivenCode } from './factor-check.ts';
import type { RecoveryCodes } from './recovery-codes.ts';

/** The second half of a sign-in. */
export interface SecondStep {
  /**
   * Trades the token of the first step and one second factor for a session. A token has five tries; each is counted
   * before it is made.
   *
   * @throws UNAUTHORIZED for a wrong factor or a token that has ended; RATE_LIMIT_EXCEEDED; VALIDATION_ERROR unless
   *   exactly one factor is given
   */
  verify(given: GivenCode & { mfaToken: string; passkey?: GivenAssertion | undefined }, caller: CallerOf): Promise<Login>;
}

export interface SecondStepOptions {
  database: Database;
  oneTime: OneTimeTokens;
  check: FactorCheck;
  codes: RecoveryCodes;
  assertions: AssertionCheck;
  signIn: SignIn;
  audit: Auth['audit'];
  tell: TellOwner;
}

const maxAttempts = 5;
const ended = () => Unauthorized({ message: 'This login has ended. Log in again.' });

export function secondStep({ database, oneTime, check, codes, assertions, signIn, audit, tell }: SecondStepOptions): SecondStep {
  return {
    async verify({ mfaToken, code, recoveryCode, passkey }, caller) {
      const given = [code, recoveryCode, passkey].filter((factor) => factor !== undefined);
      if (given.length !== 1) throw ValidationError({ message: 'Send exactly one second factor.', details: { field: 'body', issue: 'must have one of code, recoveryCode and passkey' } });
      // counted for good: a try that fails afterwards must not be given back with its transaction
      const pending = await database.system(async (em) => {
        const token = await oneTime.attempt(em, 'second-factor', mfaToken, maxAttempts);
        const user = token?.userId == null ? null : await userById(em, token.userId);
        return token === null || user === null || user.status !== 'active' ? null : { user, method: String(token.data?.['method'] ?? 'password') };
      });
      if (pending === null) throw ended();
      const { user, method } = pending;
      const factor = passkey !== undefined ? 'passkey' : code !== undefined ? 'totp' : 'recovery-code';

      async function finish(em: EntityManager): Promise<BegunSession> {
        if ((await oneTime.take(em, 'second-factor', mfaToken)) === null) throw ended();
        return signIn.begin(em, user, { method, secondFactor: true }, caller);
      }
      const failed = (isGuessing = false): Promise<void> =>
        database.system(async (em) => {
          await recordFailure(em, user, factor, caller);
          if (isGuessing) await tell(em, user, { kind: 'second-factor-guessed' });
        });
      if (passkey !== undefined) return signIn.answer(user, await assertions.spend(passkey, user.id, caller, finish, failed));
      const session = await check.spend(
        user.id,
        { code, recoveryCode },
        caller.address,
        async (em) => {
          const begun = await finish(em);
          if (recoveryCode !== undefined) await recordRecovery(em, user, begun, caller);
          return begun;
        },
        failed,
      );
      return signIn.answer(user, session);
    },
  };

  async function recordFailure(em: EntityManager, user: UserRecord, factor: string, caller: CallerOf): Promise<void> {
    const tenantId = await tenantFor(em, user.id, null);
    const actor = { kind: 'user' as const, userId: user.id, credentialId: null, operator: user.operator };
    await audit({ tenantId, actor, action: 'auth.second-factor-failed', target: user.id, details: { address: caller.address, factor }, requestId: caller.requestId }, em);
  }

  async function recordRecovery(em: EntityManager, user: UserRecord, session: BegunSession, caller: CallerOf): Promise<void> {
    const left = await codes.left(em, user.id);
    const actor = { kind: 'user' as const, userId: user.id, credentialId: session.sessionId, operator: user.operator };
    await audit({ tenantId: session.tenantId, actor, action: 'auth.recovery-code-used', target: user.id, details: { address: caller.address, left }, requestId: caller.requestId }, em);
    await tell(em, user, { kind: 'recovery-code-used', left });
  }
}
