import { Forbidden, ValidationError, type Json } from '@proofpix/sdk';
import type { HostCallName } from '@proofpix/sdk/runtime';
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { PluginCall } from '../call.ts';
import { capabilityMissing } from '../capabilities.ts';

/** One entry of the host's table: what a handler may ask the kernel for. */
export interface HostCall {
  /** Checks arguments and authority, then does it. */
  (call: PluginCall, args: readonly Json[]): Promise<Json>;
}

export type HostTable = Readonly<Record<HostCallName, HostCall>>;

/**
 * Makes an entry. The schema is a tuple of the arguments; the capability is checked before the
 * arguments are looked at closer, so that a plugin without it learns nothing.
 *
 * @throws FORBIDDEN naming the capability; VALIDATION_ERROR naming the argument
 */
export function hostCall<S extends TSchema>(schema: S, capability: string | null, run: (call: PluginCall, args: Static<S>) => Promise<Json | void>): HostCall {
  // compiled when first called: most handlers use a few entries of the table
  let check: Validator | null = null;
  return async (call, args) => {
    if (capability !== null && !call.grants.has(capability)) throw capabilityMissing(capability);
    check ??= Compile(schema) as unknown as Validator;
    if (!check.Check(args)) {
      const [first] = check.Errors(args);
      throw ValidationError({ message: 'The host call’s arguments are not valid.', details: { field: first?.instancePath ?? '', issue: first?.message ?? 'is not valid' } });
    }
    return ((await run(call, args as Static<S>)) ?? null) as Json;
  };
}

/** @throws FORBIDDEN on a route without a tenant. */
export function tenantOf(call: PluginCall): string {
  if (call.tenantId === null) throw Forbidden({ message: 'This call has no tenant, so it has no data.' });
  return call.tenantId;
}

/** Whose storage a call sees. */
export function ownerOf(call: PluginCall): { tenantId: string; pluginId: string } {
  return { tenantId: tenantOf(call), pluginId: call.version.manifest.id };
}
