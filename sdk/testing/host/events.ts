import type { HookResult } from '../../define-plugin.ts';
import type { RealtimeTarget } from '../../context.ts';
import { Forbidden, NotFound, PluginError, ValidationError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { capabilityMissing } from '../../runtime/capabilities.ts';
import { requireValid } from '../schema-check.ts';
import type { HarnessCall, HarnessState } from '../state.ts';
import { transactionOf } from './db.ts';

/** What a hook's answer makes of a payload. @throws what the hook refused with. */
export function applyHook(payload: JsonObject, result: HookResult<JsonObject>): JsonObject {
  if (result === undefined || result === null) return payload;
  if ('refuse' in result) throw new PluginError({ ...result.refuse, kind: 'conflict' });
  return { ...payload, ...result.patch };
}

/** `ctx.events`, `ctx.hooks` and `ctx.realtime`. */
export function eventCalls(state: HarnessState) {
  const { manifest } = state.plugin;
  return {
    'events.emit': (call: HarnessCall, [tx, given, payload]: readonly Json[]) => {
      const name = given as string;
      if (!state.grants.mayEmit(name)) throw capabilityMissing(`events:emit:${name}`);
      const declared = Object.hasOwn(manifest.events, name) ? manifest.events[name] : undefined;
      if (declared === undefined) throw NotFound({ message: `The event ${name} is not declared in the manifest.` });
      requireValid(declared.schema, payload, 'payload');
      const event = { id: state.ids.record(), name, payload: payload as JsonObject, tenantId: call.tenantId, principal: call.principal, emittedAt: state.clock.iso() };
      const record = (): void => void state.events.push(event);
      if (tx === null) record();
      else transactionOf(call, tx).onCommit(record);
      return { id: event.id };
    },
    'hooks.run': async (_call: HarnessCall, [given, payload]: readonly Json[]) => {
      const point = given as string;
      const declared = Object.hasOwn(manifest.hookPoints, point) ? manifest.hookPoints[point] : undefined;
      if (declared === undefined) throw Forbidden({ message: `The hook point ${point} is not this plugin's.` });
      requireValid(declared.schema, payload, 'payload');
      const stub = state.options.hooks?.[point];
      if (stub === undefined) return payload as Json;
      const patched = applyHook(payload as JsonObject, await stub(payload as never));
      requireValid(declared.schema, patched, 'payload');
      return patched;
    },
    'realtime.publish': (call: HarnessCall, [to, event, data]: readonly Json[]) => {
      if (!state.grants.has('realtime')) throw capabilityMissing('realtime');
      if (!/^(?!system:)[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/.test(event as string)) throw ValidationError({ message: 'event: is written <word>:<word>, and system: is the deployment’s own', details: { field: 'event', issue: 'is written <word>:<word>' } });
      state.published.push({ tenantId: call.tenantId, to: to as unknown as RealtimeTarget, event: event as string, data: data as JsonObject });
    },
  };
}
