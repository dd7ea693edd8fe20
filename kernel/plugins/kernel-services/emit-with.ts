import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonObject } from '@proofpix/sdk';
import type { Events } from '../../events/contract.ts';
import type { PluginCall } from '../call.ts';
import { tenantOf } from '../host/host-call.ts';
import type { MakeEvent } from '../host/outgoing-event.ts';

/** An event that the calling plugin emits with a change of the kernel: the element of a method's `emit`. */
export interface EmittedWith {
  name: string;
  payload: JsonObject;
}

/** Writes checked events to the outbox in the transaction that makes the change. */
export type WriteEvents = (em: EntityManager) => Promise<void>;

/**
 * Events that stand or fall with a change which the kernel makes for a plugin. Call it before the
 * transaction: it checks capability, declaration, payload and quota as `ctx.events.emit` does, so that
 * a wrong event stops the change. What it answers writes the events in the transaction.
 *
 * @param tenantId whose events they are, where that is not the call's tenant: a team that comes to be
 * @throws as `ctx.events.emit`
 *
 * @example
 * const write = emitWith(call, emit);
 * await database.system(async (em) => { …; await write(em); });
 */
export type EmitWith = (call: PluginCall, emit: readonly EmittedWith[] | undefined, tenantId?: string) => WriteEvents;

export function openEmitWith({ events, makeEvent }: { events: Events; makeEvent: MakeEvent }): EmitWith {
  return (call, emit = [], tenantId = emit.length === 0 ? '' : tenantOf(call)) => {
    const made = emit.map(({ name, payload }) => makeEvent(call, tenantId, name, payload));
    return async (em) => {
      for (const event of made) await events.emit(event, em);
    };
  };
}
