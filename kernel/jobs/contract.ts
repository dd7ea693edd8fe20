import type { EntityManager } from '@mikro-orm/postgresql';
import type { Json, JsonObject, JobStatus, SendOptions } from '@proofpix/sdk';
import type { Provenance } from '../events/contract.ts';

export interface OutgoingJob {
  pluginId: string;
  /** The job's name in that plugin. */
  name: string;
  data: JsonObject;
  provenance: Provenance;
  retryLimit: number;
  retryDelaySeconds: number;
  timeoutMs: number;
  options: SendOptions;
}

export interface RunningJob {
  id: string;
  pluginId: string;
  name: string;
  data: JsonObject;
  provenance: Provenance;
  /** 1 at the first try. */
  attempt: number;
  signal: AbortSignal;
}

/** A cron entry of one plugin in one tenant. */
export interface CronEntry {
  tenantId: string;
  pluginId: string;
  name: string;
  cron: string;
  timeZone: string;
}

/** Answered by the plugins module. */
export interface JobDirectory {
  run(job: RunningJob): Promise<Json>;
  /** What is to be scheduled now; reread when the topic `plugins` is raised. */
  cronEntries(): readonly CronEntry[];
  /** Makes the job that a due cron entry stands for. */
  cronJob(entry: CronEntry): OutgoingJob;
}

export interface Jobs {
  /** In the caller's transaction, or its own. Returns the job's id. */
  send(job: OutgoingJob, em?: EntityManager): Promise<string>;
  sendMany(jobs: readonly OutgoingJob[], em?: EntityManager): Promise<string[]>;
  status(tenantId: string, pluginId: string, id: string): Promise<JobStatus | null>;
  cancel(tenantId: string, pluginId: string, id: string): Promise<boolean>;
  progress(tenantId: string, pluginId: string, id: string, fraction: number, note: string | null): Promise<void>;
  /** Jobs that ran out of retries, newest first. */
  deadLetters(tenantId: string | null, limit: number): Promise<{ id: string; pluginId: string; name: string; error: string; failedAt: string }[]>;
  redrive(id: string): Promise<boolean>;
  start(directory: JobDirectory): Promise<void>;
  stop(timeoutMs: number): Promise<void>;
}
