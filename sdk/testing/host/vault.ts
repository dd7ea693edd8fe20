import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { SealInvalid, ValidationError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { HarnessCall, HarnessState } from '../state.ts';

const maxPlainBytes = 65_536;
const nonceBytes = 12;
const tagBytes = 16;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function invalid(field: string, issue: string): never {
  throw ValidationError({ message: `${field}: ${issue}`, details: { field, issue } });
}

function requireContext(context: Json | undefined): void {
  if (typeof context !== 'string' || context.length === 0 || context.length > 200) invalid('context', 'must be a string of 1 to 200 characters');
}

/** `ctx.vault`: really encrypted, with a key that everybody can work out; password hashes cost nothing. */
export function vaultCalls({ plugin, ids }: HarnessState) {
  const keyOf = ({ tenantId }: HarnessCall): Buffer => digest(`${plugin.manifest.id} ${tenantId}`);
  const hashOf = (password: string, salt: string): string => `$test$${salt}$${digest(`${salt} ${password}`).toString('base64url')}`;
  return {
    'vault.seal': (call: HarnessCall, [plain, context]: readonly Json[]) => {
      requireContext(context);
      if (typeof plain !== 'string' || !plain.isWellFormed() || Buffer.byteLength(plain) > maxPlainBytes) return invalid('plain', `must be a well-formed string of at most ${maxPlainBytes} bytes`);
      const nonce = digest(ids.record()).subarray(0, nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', keyOf(call), nonce).setAAD(Buffer.from(context as string));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    },
    'vault.open': (call: HarnessCall, [sealed, context]: readonly Json[]) => {
      requireContext(context);
      const bytes = Buffer.from(String(sealed), 'base64url');
      try {
        const cipher = createDecipheriv('aes-256-gcm', keyOf(call), bytes.subarray(0, nonceBytes), { authTagLength: tagBytes }).setAAD(Buffer.from(context as string));
        cipher.setAuthTag(bytes.subarray(-tagBytes));
        return Buffer.concat([cipher.update(bytes.subarray(nonceBytes, -tagBytes)), cipher.final()]).toString();
      } catch (cause) {
        throw SealInvalid({ cause });
      }
    },
    'vault.hashPassword': (_call: HarnessCall, [password]: readonly Json[]) => {
      // oxlint-disable-next-line no-control-regex -- these are what must not come in
      if (typeof password !== 'string' || password.length === 0 || password.length > 1024 || !password.isWellFormed() || /[\u0000-\u001f\u007f]/.test(password)) return invalid('password', 'must be 1 to 1024 characters without control characters');
      return hashOf(password.normalize('NFKC'), ids.record());
    },
    'vault.verifyPassword': (_call: HarnessCall, [password, hash]: readonly Json[]) => typeof hash === 'string' && hash.startsWith('$test$') && hash === hashOf(String(password).normalize('NFKC'), hash.split('$')[2] ?? ''),
  };
}
