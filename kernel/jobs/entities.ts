import { defineEntity, p, tenantId, tenantTable } from '../database/entity.ts';

const text = () => p.string().columnType('text');
const moment = () => p.datetime().columnType('timestamptz');

/** What a job said about itself; the job's state is pg-boss's. */
export const JobProgress = defineEntity({
  name: 'JobProgress',
  tableName: 'job_progress',
  ...tenantTable(),
  indexes: [{ name: 'job_progress_written_at', properties: ['writtenAt'] }],
  properties: {
    tenantId: tenantId(),
    jobId: p.uuid().primary(),
    /** 0 to 1 */
    fraction: p.double(),
    note: text().nullable(),
    result: p.json<unknown>().nullable(),
    writtenAt: moment().defaultRaw('now()'),
  },
});

/** When each cron entry of each tenant is due next. */
export const CronDue = defineEntity({
  name: 'CronDue',
  tableName: 'cron_due',
  ...tenantTable(),
  indexes: [{ name: 'cron_due_next_at', properties: ['nextAt'] }],
  properties: {
    tenantId: tenantId(),
    pluginId: text().primary(),
    name: text().primary(),
    cron: text(),
    timeZone: text(),
    nextAt: moment(),
  },
});

export const jobEntities = [JobProgress, CronDue];
