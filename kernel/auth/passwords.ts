import { createHmac, randomBytes } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/bcrypt';
import { ValidationError } from '@proofpix/sdk';
import { boundedWork } from './bounded-work.ts';

/** bcrypt reads no further than this */
const bcryptBytes = 72;
const maxLength = 1024;
const signIns = { atOnce: 4, waiting: 200 };

/** Password hashing; every call takes as long as one bcrypt, whatever the outcome. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Also runs on null, for an account that does not exist. `outdated` asks for a new hash at the present cost. */
  verify(password: string, stored: string | null): Promise<{ ok: boolean; outdated: boolean }>;
}

/**
 * Control characters come from no password field on purpose, and NUL must not reach bcrypt: it repeats its input with
 * a NUL between, so `a` and `a NUL a` would be one password.
 */
function isPasswordText(password: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what must not come in
  return password.length > 0 && password.length <= maxLength && password.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(password);
}

/** @param field of the request's body; null for a value that came another way. @throws VALIDATION_ERROR */
export function requirePasswordText(password: string, field: string | null = 'password'): void {
  if (isPasswordText(password)) return;
  throw ValidationError({ message: 'The password is not valid.', details: { field: field === null ? 'password' : `body.${field}`, issue: `must be 1 to ${maxLength} characters without control characters` } });
}

/**
 * What bcrypt is given: keyboards differ in how they compose letters, so NFKC (NIST SP 800-63B 3.1.1.2); what is
 * longer than bcrypt reads goes through HMAC-SHA-256 first, so its end counts too. The fixed key keeps such a hash
 * from being compared with plain SHA-256 hashes leaked elsewhere.
 */
function bcryptInput(password: string): string {
  const text = password.normalize('NFKC');
  if (Buffer.byteLength(text) <= bcryptBytes) return text;
  return createHmac('sha256', 'proofpix long password').update(text).digest('base64');
}

/** `cost` is bcrypt's, 4 to 31; 12 takes about a quarter of a second. */
export async function openPasswords({ cost, work = signIns }: { cost: number; work?: Parameters<typeof boundedWork>[0] }): Promise<Passwords> {
  const inTurn = boundedWork(work);
  const nobody = await hash(randomBytes(32).toString('base64'), { cost });
  return {
    hash: (password) => inTurn(() => hash(bcryptInput(password), { cost })),
    async verify(password, given) {
      const stored = isPasswordText(password) ? given : null;
      const matches = await inTurn(() => verify(bcryptInput(password), stored ?? nobody));
      const ok = matches && stored !== null;
      return { ok, outdated: ok && parseOptions(stored).cost !== cost };
    },
  };
}
