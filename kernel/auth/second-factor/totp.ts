import type { EntityManager } from '@mikro-orm/postgresql';
import { statement, statementCount } from '../../database/statement.ts';
import type { Vault } from '../../storage/contract.ts';
import { newTotpSecret, totpStepOf } from './totp-codes.ts';

/** Whether codes are asked for (`confirmed`), or the app still has to show that it has the secret (`enrolling`). */
export type TotpStage = 'confirmed' | 'enrolling';

/** The users' secrets of one-time passwords; all of it in the caller's transaction. */
export interface TotpSecrets {
  /** When it was switched on, RFC 3339; null while it is off. */
  confirmedAt(em: EntityManager, userId: string): Promise<string | null>;
  /** A new secret in base32, to be confirmed within a quarter of an hour. Null when one is on already. */
  enroll(em: EntityManager, userId: string): Promise<string | null>;
  /**
   * Takes a code, once: of requests at once with the same code one is answered true. In the stage `enrolling` it
   * switches the secret on.
   */
  accept(em: EntityManager, userId: string, code: string, stage: TotpStage): Promise<boolean>;
  /** Whether there was one. */
  remove(em: EntityManager, userId: string): Promise<boolean>;
}

const contextOf = (userId: string): string => `totp ${userId}`;
const isOn = 'confirmed_at is not null';
const isEnrolling = `confirmed_at is null and created_at > now() - interval '15 minutes'`;

/** `now` in milliseconds since the epoch. */
export function totpSecrets({ vault, now }: { vault: Vault; now: () => number }): TotpSecrets {
  return {
    async confirmedAt(em, userId) {
      const [row] = await statement<{ at: string }>(em, `select to_char(confirmed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from kernel.totp_secrets where user_id = $1 and ${isOn}`, [userId]);
      return row?.at ?? null;
    },
    async enroll(em, userId) {
      const secret = newTotpSecret();
      const sealed = Buffer.from(await vault.seal(Buffer.from(secret), contextOf(userId)));
      const made = await statementCount(
        em,
        `insert into kernel.totp_secrets as t (user_id, sealed) values ($1, $2)
         on conflict (user_id) do update set sealed = excluded.sealed, last_step = null, created_at = now() where t.confirmed_at is null`,
        [userId, sealed],
      );
      return made === 0 ? null : secret;
    },
    async accept(em, userId, code, stage) {
      const wanted = stage === 'confirmed' ? isOn : isEnrolling;
      const [row] = await statement<{ sealed: Buffer }>(em, `select sealed from kernel.totp_secrets where user_id = $1 and ${wanted}`, [userId]);
      if (row === undefined) return false;
      const secret = Buffer.from(await vault.open(row.sealed, contextOf(userId))).toString('utf8');
      const step = totpStepOf(secret, code, now());
      if (step === null) return false;
      // the condition is looked at again under the row's lock, so of equal codes one passes; a secret that was
      // replaced since then is another one
      return (
        (await statementCount(
          em,
          `update kernel.totp_secrets set last_step = $2, confirmed_at = coalesce(confirmed_at, now())
           where user_id = $1 and sealed = $3 and ${wanted} and (last_step is null or last_step < $2)`,
          [userId, step, row.sealed],
        )) > 0
      );
    },
    async remove(em, userId) {
      return (await statementCount(em, 'delete from kernel.totp_secrets where user_id = $1', [userId])) > 0;
    },
  };
}
