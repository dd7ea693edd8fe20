import { Forbidden, ValidationError, type Json, type JsonObject } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { Events } from '../../events/contract.ts';
import type { PluginCall } from '../call.ts';
import { transactionOf } from './db.ts';
import { hostCall, ownerOf, tenantOf } from './host-call.ts';
import type { MakeEvent, OutgoingEventDeps } from './outgoing-event.ts';

const Tx = Type.Union([Type.String(), Type.Null()]);
const EventName = Type.String({ minLength: 3, maxLength: 130 });
const Payload = Type.Record(Type.String(), Type.Unknown());
/** Socket event names: `<word>:<word>`; `system:` is the deployment's own. */
const SocketEvent = Type.String({ pattern: '^(?!system:)[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$', maxLength: 80 });

export interface EventDeps extends OutgoingEventDeps {
  events: Events;
  makeEvent: MakeEvent;
  runHooks(call: PluginCall, point: string, payload: JsonObject): Promise<Json>;
}

/** `ctx.events`, `ctx.hooks` and `ctx.realtime`. */
export function eventCalls({ events, quotas, makeEvent, payloadProblem, runHooks }: EventDeps) {
  return {
    'events.emit': hostCall(Type.Tuple([Tx, EventName, Payload]), null, async (call, [tx, name, payload]) => {
      const event = makeEvent(call, tenantOf(call), name, payload);
      if (tx !== null) return transactionOf(call, tx).host((em) => events.emit(event, em));
      const emitted = await events.emit(event);
      events.wake();
      return emitted;
    }),
    'hooks.run': hostCall(Type.Tuple([EventName, Payload]), null, async (call, [point, payload]) => {
      if (!Object.hasOwn(call.version.manifest.hookPoints, point)) throw Forbidden({ message: `The hook point ${point} is not this plugin's.` });
      const problem = payloadProblem(call, 'hookPoints', point, payload);
      if (problem !== null) throw ValidationError({ message: `The payload of ${point} is not valid.`, details: problem });
      return runHooks(call, point, payload as JsonObject);
    }),
    'realtime.publish': hostCall(
      Type.Tuple([Type.Union([Type.Object({ user: Type.String({ format: 'uuid' }) }), Type.Object({ tenant: Type.Literal(true) }), Type.Object({ room: Type.String({ minLength: 1, maxLength: 200 }) })]), SocketEvent, Payload]),
      'realtime',
      async (call, [to, event, data]) => {
        const owner = ownerOf(call);
        quotas.countEvent(owner, call.version.limits);
        await events.publish({ tenantId: tenantOf(call), to, event, data: data as JsonObject });
        events.wake();
      },
    ),
  };
}
