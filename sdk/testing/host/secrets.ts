import { Forbidden } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { HarnessCall, HarnessState } from '../state.ts';

/** `ctx.secrets`. One tenant's worth: a test that needs two uses two harnesses. */
export function secretCalls({ plugin, secrets }: HarnessState) {
  const declared = (name: string): { readable?: boolean; deployment?: boolean } => {
    const found = Object.hasOwn(plugin.manifest.secrets, name) ? plugin.manifest.secrets[name] : undefined;
    if (found === undefined) throw Forbidden({ message: `The secret ${name} is not declared in the manifest.`, details: { secret: name } });
    return found;
  };
  return {
    'secrets.has': (_call: HarnessCall, [name]: readonly Json[]) => {
      declared(name as string);
      return secrets.has(name as string);
    },
    'secrets.get': (_call: HarnessCall, [name]: readonly Json[]) => {
      if (declared(name as string).readable !== true) throw Forbidden({ message: `The secret ${name as string} is for ctx.fetch only.`, details: { secret: name } });
      return secrets.get(name as string) ?? null;
    },
    'secrets.set': (_call: HarnessCall, [name, value]: readonly Json[]) => {
      if (declared(name as string).deployment === true) throw Forbidden({ message: `The secret ${name as string} is the operator's.`, details: { secret: name } });
      if (value === null) secrets.delete(name as string);
      else secrets.set(name as string, value as string);
    },
  };
}
