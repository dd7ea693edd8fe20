import type { Json } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { PluginCall } from '../call.ts';
import { hostCall } from './host-call.ts';

export interface ServiceDeps {
  /** Finds the provider in the caller's tenant, checks both sides, and runs the method. */
  callService(call: PluginCall, ref: string, version: string, method: string, input: Json, confined: boolean): Promise<Json>;
}

/** `ctx.services`. */
export function serviceCalls({ callService }: ServiceDeps) {
  const serviceCall = (confined: boolean) =>
    hostCall(Type.Tuple([Type.String({ maxLength: 120 }), Type.String({ maxLength: 40 }), Type.String({ maxLength: 50 }), Type.Unknown()]), null, (call, [ref, version, method, input]) => callService(call, ref, version, method, input as Json, confined));
  return { 'services.call': serviceCall(false), 'services.callConfined': serviceCall(true) };
}
