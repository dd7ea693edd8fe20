import { DeadlineExceeded, toWireError } from '../errors.ts';
import type { EventDelivery } from '../define-plugin.ts';
import type { Json, JsonObject } from '../json.ts';
import { capabilityMissing } from '../runtime/capabilities.ts';
import type { SendOptions } from '../context.ts';
import { queuedJob } from './host/jobs.ts';
import { type Invoke, principalOf } from './invoke.ts';
import type { Identity } from './options.ts';
import { requireValid } from './schema-check.ts';
import type { HarnessState, SentJob } from './state.ts';

/** An event to deliver; what is left out is made up. */
export interface EventInit {
  name: string;
  payload: JsonObject;
  /** Give the same id twice to try a second delivery. */
  id?: string;
  attempt?: number;
  as?: Identity;
}

/** Runs at most so many jobs at once, so that jobs which send each other end the test and not the machine. */
const maxRuns = 1_000;

/** Events and jobs, delivered when the test says so and at no other time. */
export function background(state: HarnessState, invoke: Invoke, resolve: (identity?: Identity) => Required<Identity>) {
  const { manifest } = state.plugin;
  let deliveredOwn = 0;

  async function emit(init: EventInit): Promise<string[]> {
    const identity = resolve(init.as);
    const delivery: EventDelivery = { id: init.id ?? state.ids.record(), name: init.name, payload: init.payload, emittedAt: state.clock.iso(), attempt: init.attempt ?? 1 };
    const told: string[] = [];
    for (const subscription of manifest.subscriptions.filter(({ event }) => event === init.name)) {
      if (!init.name.startsWith(`${manifest.id}.`) && !state.grants.mayReceive(init.name)) throw capabilityMissing(`events:on:${init.name}`);
      await invoke({ handler: `event:${subscription.name}`, input: delivery as unknown as Json, identity, timeoutMs: subscription.timeoutMs ?? 30_000 });
      told.push(subscription.name);
    }
    return told;
  }

  async function deliverOwn(): Promise<void> {
    while (deliveredOwn < state.events.length) {
      const event = state.events[deliveredOwn++];
      if (event === undefined) return;
      const { kind, userId, operator } = event.principal;
      await emit({ id: event.id, name: event.name, payload: event.payload, as: { tenantId: event.tenantId, kind, userId, operator } });
    }
  }

  async function runJob(job: SentJob): Promise<void> {
    const declared = manifest.jobs[job.name];
    if (declared === undefined) return;
    const { kind, userId, operator } = job.principal;
    job.state = 'active';
    job.attempt += 1;
    job.error = null;
    try {
      job.result = await invoke({ handler: `job:${job.name}`, input: { id: job.id, data: job.data, attempt: job.attempt }, identity: resolve({ tenantId: job.tenantId, kind, userId, operator }), job, timeoutMs: declared.timeoutMs });
      if ((job.state as string) !== 'cancelled') Object.assign(job, { state: 'completed', progress: 1 });
    } catch (error) {
      const { code, message } = error instanceof Error && !('kind' in error) ? { code: 'INTERNAL_SERVER_ERROR', message: error.message } : toWireError(error);
      job.error = { code, message };
      if ((job.state as string) === 'cancelled') return;
      const again = job.attempt <= declared.retryLimit;
      job.state = again ? 'retrying' : 'failed';
      if (again) job.dueMs = state.clock.now() + declared.retryDelaySeconds * 1000 * 2 ** (job.attempt - 1);
    }
  }

  return {
    emit,
    deliverOwn,
    /** Sends a job as the host would for a cron entry. */
    send(name: string, data: JsonObject, options: SendOptions & { as?: Identity } = {}): SentJob {
      const { as, ...rest } = options;
      const identity = resolve(as ?? { kind: 'system', userId: null });
      const job = queuedJob(state, { tenantId: identity.tenantId, principal: principalOf(identity) }, name, data, rest);
      state.jobs.push(job);
      return job;
    },
    async runJobs(name?: string): Promise<SentJob[]> {
      const ran: SentJob[] = [];
      for (let runs = 0; ; runs++) {
        const due = state.jobs.filter((job) => (job.state === 'queued' || job.state === 'retrying') && job.dueMs <= state.clock.now() && (name === undefined || job.name === name));
        const [next] = due.toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) return ran;
        if (runs === maxRuns) throw DeadlineExceeded({ message: `More than ${maxRuns} jobs ran without an end.` });
        await runJob(next);
        ran.push(next);
      }
    },
    async hook(point: string, payload: JsonObject, as?: Identity): Promise<Json> {
      if (!point.startsWith(`${manifest.id}.`) && !state.grants.mayHook(point)) throw capabilityMissing(`hooks:${point}`);
      return invoke({ handler: `hook:${point}`, input: payload, identity: resolve(as), timeoutMs: manifest.hooks.find((hook) => hook.point === point)?.timeoutMs ?? 10_000 });
    },
    async serve(ref: string, name: string, input: Json, as?: Identity, confined = false): Promise<Json> {
      const method = manifest.provides[ref]?.methods[name];
      if (method === undefined) throw new Error(`the plugin provides no ${ref}.${name}`);
      requireValid(method.input, input, 'input');
      const output = await invoke({ handler: `service:${ref}.${name}`, input, identity: resolve(as), confined });
      requireValid(method.output, output, 'output');
      return output;
    },
  };
}
