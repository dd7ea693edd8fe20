import { defineEntity, p, systemTable, tenantId, tenantTable } from '../database/entity.ts';

const text = () => p.string().columnType('text');

/** What went out to sockets, kept for the retention window so that a client can resume. */
export const RealtimeLogRow = defineEntity({
  name: 'RealtimeLogRow',
  tableName: 'realtime_log',
  ...tenantTable(),
  indexes: [{ name: 'realtime_log_seq', properties: ['seq'] }],
  properties: {
    tenantId: tenantId(),
    /** cluster-wide; becomes visible in rising order, because rows are written under one lock */
    seq: p.bigint().primary().autoincrement(),
    /** `tenant`, `deployment`, `user:<id>` or `room:<name>` */
    address: text(),
    event: text(),
    data: p.json<object>(),
    sentAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
});

/** How far the log was pruned: whoever saw less cannot resume. */
export const RealtimeHorizon = defineEntity({
  name: 'RealtimeHorizon',
  tableName: 'realtime_horizon',
  ...systemTable(),
  properties: {
    id: p.smallint().primary().autoincrement(false),
    prunedThrough: p.bigint(),
  },
});

export const realtimeEntities = [RealtimeLogRow, RealtimeHorizon];
