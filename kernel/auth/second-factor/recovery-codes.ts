import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { statement, statementCount } from '../../database/statement.ts';

/** Codes for who has lost their second factor; all of it in the caller's transaction. */
export interface RecoveryCodes {
  /** A new set, shown once; the set before it ends. */
  renew(em: EntityManager, userId: string): Promise<string[]>;
  /** Uses a code up. */
  use(em: EntityManager, userId: string, code: string): Promise<boolean>;
  left(em: EntityManager, userId: string): Promise<number>;
  remove(em: EntityManager, userId: string): Promise<void>;
}

/** Crockford's base32: no I, L, O or U, so that a code read from paper has one reading. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codesPerSet = 10;
/** 20 signs of 5 bits: 100 bits, which nobody guesses, not even with the hashes at hand */
const signs = 20;
const groupOf = 5;

function newCode(): string {
  // 32 divides 256, so no sign is likelier than another
  const text = [...randomBytes(signs)].map((byte) => alphabet[byte % 32]).join('');
  return (text.match(new RegExp(`.{${groupOf}}`, 'g')) ?? []).join('-');
}

/** As people type it: any case, with or without dashes, letters for the digits they look like. Null for what is no code. */
export function normaliseRecoveryCode(text: string): string | null {
  const code = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return code.length === signs && [...code].every((sign) => alphabet.includes(sign)) ? code : null;
}

const digest = (userId: string, code: string): string => createHash('sha256').update(`${userId} ${code}`).digest('hex');

export function recoveryCodes(): RecoveryCodes {
  const remove = async (em: EntityManager, userId: string): Promise<void> => {
    await statement(em, 'delete from kernel.recovery_codes where user_id = $1', [userId]);
  };
  return {
    async renew(em, userId) {
      const codes = Array.from({ length: codesPerSet }, newCode);
      // the user's row puts renewals in order: two at once would otherwise leave both sets
      await statement(em, 'select 1 from kernel.users where id = $1 for update', [userId]);
      await remove(em, userId);
      const hashes = codes.map((code) => digest(userId, normaliseRecoveryCode(code) ?? ''));
      await statement(em, 'insert into kernel.recovery_codes (user_id, hash) select $1, unnest($2::text[])', [userId, hashes]);
      return codes;
    },
    async use(em, userId, text) {
      const code = normaliseRecoveryCode(text);
      return code !== null && (await statementCount(em, 'delete from kernel.recovery_codes where user_id = $1 and hash = $2', [userId, digest(userId, code)])) > 0;
    },
    async left(em, userId) {
      const [row] = await statement<{ n: number }>(em, 'select count(*)::int as n from kernel.recovery_codes where user_id = $1', [userId]);
      return row?.n ?? 0;
    },
    remove,
  };
}
