import { Forbidden } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { PluginCall } from '../call.ts';
import type { PluginSecrets } from '../plugin-secrets.ts';
import { hostCall } from './host-call.ts';

const Name = Type.String({ minLength: 1, maxLength: 50 });

function declaredIn(call: PluginCall, name: string): { hosts: string[]; readable?: boolean | undefined } {
  const declared = Object.hasOwn(call.version.manifest.secrets, name) ? call.version.manifest.secrets[name] : undefined;
  if (declared === undefined) throw Forbidden({ message: `The secret ${name} is not declared in the manifest.`, details: { secret: name } });
  return declared;
}

/** `ctx.secrets`. */
export function secretCalls({ secrets }: { secrets: PluginSecrets }) {
  return {
    'secrets.has': hostCall(Type.Tuple([Name]), null, async (call, [name]) => {
      declaredIn(call, name);
      return secrets.has(call, name);
    }),
    'secrets.get': hostCall(Type.Tuple([Name]), null, async (call, [name]) => {
      if (declaredIn(call, name).readable !== true) throw Forbidden({ message: `The secret ${name} is for ctx.fetch only.`, details: { secret: name } });
      return secrets.get(call, name);
    }),
    'secrets.set': hostCall(Type.Tuple([Name, Type.Union([Type.String({ maxLength: 65_536 }), Type.Null()])]), null, async (call, [name, value]) => {
      declaredIn(call, name);
      await secrets.set(call, name, value);
    }),
  };
}
