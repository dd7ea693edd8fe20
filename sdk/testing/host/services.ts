import { Forbidden, NotFound, Unavailable } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { capabilityMissing } from '../../runtime/capabilities.ts';
import { checkJson } from '../../runtime/check-json.ts';
import { requireValid } from '../schema-check.ts';
import type { HarnessCall, HarnessState } from '../state.ts';

/** Services of the kernel that another one's capability guards. */
const guardOf: Readonly<Record<string, string>> = { roles: 'identity', teams: 'identity', users: 'identity' };

/** `ctx.services`: what other plugins provide, as the test stands in for it. */
export function serviceCalls(state: HarnessState) {
  const { manifest, services } = state.plugin;

  /** A service of the kernel needs its capability, one of another plugin a declared dependency. */
  function permitted(ref: string): void {
    const provider = ref.split('.')[0] as string;
    if (provider === 'kernel') {
      const name = ref.slice('kernel.'.length);
      const capability = `kernel:${guardOf[name] ?? name}`;
      if (!state.grants.has(capability)) throw capabilityMissing(capability);
    } else if (provider !== manifest.id && !Object.hasOwn(manifest.dependencies, provider)) {
      throw Forbidden({ message: `The plugin ${provider} is not a declared dependency.`, details: { dependency: provider } });
    }
  }

  /** The test's stand-in is its own business; that the caller asks for confinement, it cannot see. */
  const serviceCall = async (_call: HarnessCall, [given, , name, input]: readonly Json[]): Promise<Json> => {
    const ref = given as string;
    permitted(ref);
    const method = Object.values(services).find((candidate) => candidate.id === ref)?.methods[name as string];
    if (method === undefined) throw NotFound({ message: `The service ${ref} has no method ${name as string}.` });
    requireValid(method.input, input, 'input');
    const stubs = state.options.services?.[ref];
    const stub = stubs !== undefined && Object.hasOwn(stubs, name as string) ? stubs[name as string] : undefined;
    if (stub === undefined) throw Unavailable({ message: `The test gives the harness no service ${ref}.${name as string}.`, details: { dependency: ref.split('.')[0] } });
    const output = (await stub(input as never)) ?? null;
    checkJson(output, `${ref}.${name as string}`);
    requireValid(method.output, output, `${ref}.${name as string}`);
    return output;
  };
  return { 'services.call': serviceCall, 'services.callConfined': serviceCall };
}
