import { NotFound, ValidationError, type JsonObject } from '@proofpix/sdk';
import type { OutgoingEvent } from '../../events/contract.ts';
import type { PluginCall } from '../call.ts';
import { capabilityMissing } from '../capabilities.ts';
import type { Quotas } from '../quotas.ts';

export interface OutgoingEventDeps {
  quotas: Quotas;
  /** Why a payload does not fit its declared schema, or null. */
  payloadProblem(call: PluginCall, kind: 'events' | 'hookPoints', name: string, payload: unknown): { field: string; issue: string } | null;
}

/**
 * Makes an event of the calling plugin in a tenant, counted against its quota there.
 *
 * @throws FORBIDDEN naming the capability; NOT_FOUND for an event that the manifest lacks; VALIDATION_ERROR; RATE_LIMIT_EXCEEDED
 */
export type MakeEvent = (call: PluginCall, tenantId: string, name: string, payload: unknown) => OutgoingEvent;

export function eventMaker({ quotas, payloadProblem }: OutgoingEventDeps): MakeEvent {
  return (call, tenantId, name, payload) => {
    const { manifest, limits } = call.version;
    if (!call.grants.mayEmit(name)) throw capabilityMissing(`events:emit:${name}`);
    const declared = Object.hasOwn(manifest.events, name) ? manifest.events[name] : undefined;
    if (declared === undefined) throw NotFound({ message: `The event ${name} is not declared in the manifest.` });
    const problem = payloadProblem(call, 'events', name, payload);
    if (problem !== null) throw ValidationError({ message: `The payload of ${name} is not valid.`, details: problem });
    quotas.countEvent({ tenantId, pluginId: manifest.id }, limits);
    return { pluginId: manifest.id, name, payload: payload as JsonObject, provenance: { ...call.provenance, tenantId, bounds: null }, realtime: declared.realtime ?? null };
  };
}
