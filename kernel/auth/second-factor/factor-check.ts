import type { EntityManager } from '@mikro-orm/postgresql';
import { Unauthorized, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { Throttle } from '../throttle.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import type { TotpSecrets } from './totp.ts';

/** Exactly one of the two. */
export interface GivenCode {
  code?: string | undefined;
  recoveryCode?: string | undefined;
}

export interface FactorCheck {
  /**
   * Runs `then` if the code is right, in the transaction that uses it up: a code is spent with what it was spent on, or
   * not at all.
   *
   * One-time passwords are a million, of which three are right: after five wrong ones each further one waits twice as
   * long as the one before, six hours at the most. Recovery codes cannot be guessed and pass that closed door, so
   * whoever closes it on purpose does not keep the owner out.
   *
   * @param refused - told outside of that transaction, before the error; with true when the door closes for the first time
   * @throws UNAUTHORIZED for a wrong code; RATE_LIMIT_EXCEEDED; VALIDATION_ERROR for none or both
   */
  spend<T>(userId: string, given: GivenCode, address: string, then: (em: EntityManager) => Promise<T>, refused: (isGuessing: boolean) => Promise<void>): Promise<T>;
}

export interface FactorCheckOptions {
  database: Database;
  totp: TotpSecrets;
  codes: RecoveryCodes;
  throttle: Throttle;
  /** wrong codes after which each further one has to wait */
  freeTries: number;
}

export function factorCheck({ database, totp, codes, throttle, freeTries }: FactorCheckOptions): FactorCheck {
  return {
    async spend(userId, { code, recoveryCode }, address, then, refused) {
      if ((code === undefined) === (recoveryCode === undefined)) throw ValidationError({ message: 'Send either a code or a recovery code.', details: { field: 'body.code', issue: 'is required, or body.recoveryCode' } });
      const attempt = code === undefined ? null : await throttle.attempt(`second-factor ${userId}`, address);
      const done = await database.system(async (em) => {
        const isRight = code === undefined ? await codes.use(em, userId, recoveryCode ?? '') : await totp.accept(em, userId, code, 'confirmed');
        return isRight ? { value: await then(em) } : null;
      });
      if (done === null) {
        await refused(attempt?.failures === freeTries + 1);
        throw Unauthorized({ message: 'The code is wrong, or was used before.' });
      }
      await attempt?.succeeded();
      return done.value;
    },
  };
}
