import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonObject } from '@proofpix/sdk';
import { statement } from '../database/statement.ts';
import type { Vault } from '../storage/contract.ts';

export type TokenPurpose = 'verify-email' | 'reset-password' | 'change-email' | 'second-factor' | 'passkey-registration' | 'passkey-login' | 'sign-in-flow';

export interface NewToken {
  purpose: TokenPurpose;
  /** null for a flow of somebody who is not known yet */
  userId: string | null;
  /** what the flow has to remember; sealed by the vault */
  data?: JsonObject;
  lifeMs: number;
  /** earlier tokens of this user and purpose end; default true */
  replaces?: boolean;
}

export interface TakenToken {
  userId: string | null;
  data: JsonObject | null;
}

/**
 * Single-use tokens of 32 random bytes in base64url, of which only SHA-256 is stored. All of it happens
 * in the caller's transaction, so that a token is used up with what it was used for, or not at all.
 */
export interface OneTimeTokens {
  issue(em: EntityManager, token: NewToken): Promise<string>;
  /** Uses the token up. Null for an unknown, used, outdated one, or one of another purpose. */
  take(em: EntityManager, purpose: TokenPurpose, token: string): Promise<TakenToken | null>;
  /** Counts one try against the token without using it up; null as in {@link take}, and after `maxAttempts` tries. */
  attempt(em: EntityManager, purpose: TokenPurpose, token: string, maxAttempts: number): Promise<TakenToken | null>;
  /** Ends a user's tokens, of one purpose or all. */
  revoke(em: EntityManager, userId: string, purpose?: TokenPurpose): Promise<void>;
  sweep(em: EntityManager): Promise<void>;
}

interface Row {
  userId: string | null;
  dataSealed: Buffer | null;
}

const digest = (token: string): string => createHash('sha256').update(token).digest('hex');

export function oneTimeTokens({ vault }: { vault: Vault }): OneTimeTokens {
  async function opened(row: Row | undefined, purpose: string, hash: string): Promise<TakenToken | null> {
    if (row === undefined) return null;
    const data = row.dataSealed === null ? null : (JSON.parse(Buffer.from(await vault.open(row.dataSealed, `${purpose} ${hash}`)).toString('utf8')) as JsonObject);
    return { userId: row.userId, data };
  }

  return {
    async issue(em, { purpose, userId, data, lifeMs, replaces = true }) {
      const token = randomBytes(32).toString('base64url');
      const hash = digest(token);
      if (userId !== null && replaces) await statement(em, 'delete from kernel.one_time_tokens where user_id = $1 and purpose = $2', [userId, purpose]);
      const sealed = data === undefined ? null : Buffer.from(await vault.seal(Buffer.from(JSON.stringify(data)), `${purpose} ${hash}`));
      await statement(em, `insert into kernel.one_time_tokens (hash, purpose, user_id, data_sealed, expires_at) values ($1, $2, $3, $4, now() + $5::double precision * interval '1 millisecond')`, [hash, purpose, userId, sealed, lifeMs]);
      return token;
    },
    async take(em, purpose, token) {
      const hash = digest(token);
      const [row] = await statement<Row>(em, 'delete from kernel.one_time_tokens where hash = $1 and purpose = $2 and expires_at > now() returning user_id as "userId", data_sealed as "dataSealed"', [hash, purpose]);
      return opened(row, purpose, hash);
    },
    async attempt(em, purpose, token, maxAttempts) {
      const hash = digest(token);
      const [row] = await statement<Row>(em, 'update kernel.one_time_tokens set attempts = attempts + 1 where hash = $1 and purpose = $2 and expires_at > now() and attempts < $3 returning user_id as "userId", data_sealed as "dataSealed"', [hash, purpose, maxAttempts]);
      return opened(row, purpose, hash);
    },
    async revoke(em, userId, purpose) {
      await statement(em, 'delete from kernel.one_time_tokens where user_id = $1 and ($2::text is null or purpose = $2)', [userId, purpose ?? null]);
    },
    async sweep(em) {
      await statement(em, 'delete from kernel.one_time_tokens where expires_at <= now()');
    },
  };
}
