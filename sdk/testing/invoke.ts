import type { Principal } from '../context.ts';
import type { Json } from '../json.ts';
import { checkJson } from '../runtime/check-json.ts';
import { dispatch } from '../runtime/dispatch.ts';
import { crossed, type FakeHost } from './fake-host.ts';
import type { Identity } from './options.ts';
import { nodePrimitives } from './primitives.ts';
import type { HarnessCall, HarnessState, SentJob } from './state.ts';

export interface InvocationInit {
  id?: string;
  handler: string;
  input: Json;
  identity: Required<Identity>;
  link?: { purpose: string; id: string } | null;
  job?: SentJob;
  /** Default 30,000, by the fake clock. */
  timeoutMs?: number;
  confined?: boolean;
}

/** Runs one handler and hands its result on before what the call holds is ended. */
export type Invoke = <T = Json>(init: InvocationInit, use?: (result: Json) => Promise<T>) => Promise<T>;

export function principalOf(identity: Required<Identity>): Principal {
  return { kind: identity.kind, userId: identity.userId, credentialId: identity.userId === null ? null : 'session', operator: identity.operator };
}

/** Runs handlers in process through the SDK's own dispatcher, which holds arguments and results to JSON. */
export function invoker(state: HarnessState, host: FakeHost): Invoke {
  const { manifest } = state.plugin;
  const run = state.options.dispatch ?? ((invocation, port) => dispatch(state.plugin, invocation, port, nodePrimitives));
  return async (init, use) => {
    const principal = principalOf(init.identity);
    const call: HarnessCall = {
      id: init.id ?? state.ids.record(),
      tenantId: init.identity.tenantId,
      identity: init.identity,
      principal,
      deadline: state.clock.now() + (init.timeoutMs ?? 30_000),
      job: init.job ?? null,
      confined: init.confined === true,
      transaction: null,
      streams: new Map(),
    };
    checkJson(init.input, 'input');
    const info = {
      id: call.id,
      plugin: { id: manifest.id, version: manifest.version },
      tenantId: call.tenantId,
      principal,
      link: init.link ?? null,
      traceId: call.id.replaceAll('-', ''),
      deadline: call.deadline,
      nowMs: state.clock.now(),
      seed: state.ids.seed(),
      config: crossed(state.config),
      settings: crossed(state.settings),
      confined: call.confined,
    };
    try {
      const result = await run({ handler: init.handler, input: crossed(init.input), call: info }, host.portOf(call));
      const copy = crossed(result);
      return use === undefined ? (copy as never) : await use(copy);
    } finally {
      host.end(call);
    }
  };
}
