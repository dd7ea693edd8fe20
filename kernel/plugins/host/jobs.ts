import { NotFound, ValidationError, type Json, type JsonObject, type SendOptions } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { Jobs } from '../../jobs/contract.ts';
import type { PluginCall } from '../call.ts';
import type { Quotas } from '../quotas.ts';
import { transactionOf } from './db.ts';
import { hostCall, ownerOf, tenantOf } from './host-call.ts';

const Id = Type.String({ minLength: 1, maxLength: 64 });

export interface JobDeps {
  jobs: Jobs;
  quotas: Quotas;
  dataProblem(call: PluginCall, job: string, data: unknown): { field: string; issue: string } | null;
}

/** `ctx.jobs`. */
export function jobCalls({ jobs, quotas, dataProblem }: JobDeps) {
  return {
    'jobs.send': hostCall(
      Type.Tuple([
        Type.Union([Type.String(), Type.Null()]),
        Type.String({ minLength: 1, maxLength: 50 }),
        Type.Record(Type.String(), Type.Unknown()),
        Type.Object({ startAfter: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Number({ minimum: 0 })])), singletonKey: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }, { additionalProperties: false }),
      ]),
      'jobs',
      async (call, [tx, name, data, options]) => {
        const { manifest, limits } = call.version;
        const declared = Object.hasOwn(manifest.jobs, name) ? manifest.jobs[name] : undefined;
        if (declared === undefined) throw NotFound({ message: `The job ${name} is not declared in the manifest.` });
        const problem = dataProblem(call, name, data);
        if (problem !== null) throw ValidationError({ message: `The data of the job ${name} is not valid.`, details: problem });
        const owner = ownerOf(call);
        await quotas.require(owner, limits, 'queuedJobs', 1);
        const job = {
          pluginId: manifest.id,
          name,
          data: data as JsonObject,
          provenance: call.provenance,
          retryLimit: declared.retryLimit,
          retryDelaySeconds: declared.retryDelaySeconds,
          timeoutMs: declared.timeoutMs,
          options: options as SendOptions,
        };
        const id = tx === null ? await jobs.send(job) : await transactionOf(call, tx).host((em) => jobs.send(job, em));
        quotas.add(owner, 'queuedJobs', 1);
        return id;
      },
    ),
    'jobs.status': hostCall(Type.Tuple([Id]), 'jobs', async (call, [id]) => (await jobs.status(tenantOf(call), call.version.manifest.id, id)) as unknown as Json),
    'jobs.cancel': hostCall(Type.Tuple([Id]), 'jobs', (call, [id]) => jobs.cancel(tenantOf(call), call.version.manifest.id, id)),
    'jobs.progress': hostCall(Type.Tuple([Type.Number({ minimum: 0, maximum: 1 }), Type.Union([Type.String({ maxLength: 500 }), Type.Null()])]), null, async (call, [fraction, note]) => {
      if (call.jobId === null) throw ValidationError({ message: 'Only a running job has progress.' });
      await jobs.progress(tenantOf(call), call.version.manifest.id, call.jobId, fraction, note);
    }),
  };
}
