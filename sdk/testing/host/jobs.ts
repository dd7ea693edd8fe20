import type { SendOptions } from '../../context.ts';
import { NotFound, ValidationError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { capabilityMissing } from '../../runtime/capabilities.ts';
import { requireValid } from '../schema-check.ts';
import type { HarnessCall, HarnessState, SentJob } from '../state.ts';
import { transactionOf } from './db.ts';

function dueMs(nowMs: number, startAfter: string | number | undefined): number {
  if (startAfter === undefined) return nowMs;
  const due = typeof startAfter === 'number' ? nowMs + startAfter * 1000 : Date.parse(startAfter);
  if (Number.isNaN(due)) throw ValidationError({ message: 'startAfter: must be RFC 3339 or seconds', details: { field: 'startAfter', issue: 'must be RFC 3339 or seconds' } });
  return due;
}

/** A job as it waits. @throws NOT_FOUND, VALIDATION_ERROR. */
export function queuedJob(state: HarnessState, call: Pick<HarnessCall, 'tenantId' | 'principal'>, name: string, data: JsonObject, options: SendOptions): SentJob {
  const declared = Object.hasOwn(state.plugin.manifest.jobs, name) ? state.plugin.manifest.jobs[name] : undefined;
  if (declared === undefined) throw NotFound({ message: `The job ${name} is not declared in the manifest.` });
  requireValid(declared.schema, data, 'data');
  return {
    id: state.ids.record(),
    name,
    data,
    tenantId: call.tenantId,
    principal: call.principal,
    state: 'queued',
    progress: 0,
    note: null,
    attempt: 0,
    result: null,
    error: null,
    dueMs: dueMs(state.clock.now(), options.startAfter),
    singletonKey: options.singletonKey ?? null,
  };
}

/** `ctx.jobs`. */
export function jobCalls(state: HarnessState) {
  const own = (call: HarnessCall, id: Json | undefined): SentJob | undefined => state.jobs.find((job) => job.id === id && job.tenantId === call.tenantId);
  const allowed = (): void => {
    if (!state.grants.has('jobs')) throw capabilityMissing('jobs');
  };
  return {
    'jobs.send': (call: HarnessCall, [tx, name, data, given]: readonly Json[]) => {
      allowed();
      const job = queuedJob(state, call, name as string, data as JsonObject, (given ?? {}) as SendOptions);
      const waiting = job.singletonKey === null ? undefined : state.jobs.find((other) => other.tenantId === job.tenantId && other.name === job.name && other.singletonKey === job.singletonKey && other.state === 'queued');
      if (waiting !== undefined) return waiting.id;
      const record = (): void => void state.jobs.push(job);
      if (tx === null) record();
      else transactionOf(call, tx).onCommit(record);
      return job.id;
    },
    'jobs.status': (call: HarnessCall, [id]: readonly Json[]) => {
      allowed();
      const job = own(call, id);
      if (job === undefined) return null;
      const { name, state: jobState, progress, note, attempt, result, error } = job;
      return { id: job.id, name, state: jobState, progress, note, attempt, result, error };
    },
    'jobs.cancel': (call: HarnessCall, [id]: readonly Json[]) => {
      allowed();
      const job = own(call, id);
      if (job === undefined || !['queued', 'retrying', 'active'].includes(job.state)) return false;
      job.state = 'cancelled';
      return true;
    },
    'jobs.progress': (call: HarnessCall, [fraction, note]: readonly Json[]) => {
      if (call.job === null) throw ValidationError({ message: 'Only a running job has progress.' });
      if (typeof fraction !== 'number' || fraction < 0 || fraction > 1) throw ValidationError({ message: 'fraction: must be 0 to 1', details: { field: 'fraction', issue: 'must be 0 to 1' } });
      call.job.progress = fraction;
      call.job.note = (note ?? null) as string | null;
    },
  };
}
