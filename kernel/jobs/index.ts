export type { CronEntry, JobDirectory, Jobs, OutgoingJob, RunningJob } from './contract.ts';
