import { ValidationError } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { PluginPasswords } from '../../auth/plugin-passwords.ts';
import type { PluginVault } from '../../storage/index.ts';
import { hostCall, ownerOf } from './host-call.ts';

const maxPlainBytes = 65_536;
const Context = Type.String({ minLength: 1, maxLength: 200 });

/** Text that comes back as it went in. */
function requireText(field: string, text: string, maxBytes: number): void {
  const issue = !text.isWellFormed() ? 'must be well-formed Unicode' : Buffer.byteLength(text) > maxBytes ? `must be at most ${maxBytes} bytes` : null;
  if (issue !== null) throw ValidationError({ message: `${field}: ${issue}`, details: { field, issue } });
}

/** `ctx.vault`. */
export function vaultCalls({ vault, passwords }: { vault: PluginVault; passwords: PluginPasswords }) {
  return {
    'vault.seal': hostCall(Type.Tuple([Type.String(), Context]), null, async (call, [plain, context]) => {
      requireText('plain', plain, maxPlainBytes);
      requireText('context', context, 800);
      return vault.seal(ownerOf(call), plain, context);
    }),
    'vault.open': hostCall(Type.Tuple([Type.String(), Context]), null, (call, [sealed, context]) => vault.open(ownerOf(call), sealed, context)),
    'vault.hashPassword': hostCall(Type.Tuple([Type.String()]), null, (_call, [password]) => passwords.hash(password)),
    'vault.verifyPassword': hostCall(Type.Tuple([Type.String(), Type.Union([Type.String(), Type.Null()])]), null, (_call, [password, hash]) => passwords.verify(password, hash)),
  };
}
