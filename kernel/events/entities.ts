import { defineEntity, p, tenantId, tenantTable } from '../database/entity.ts';

const text = () => p.string().columnType('text');
const moment = () => p.datetime().columnType('timestamptz');

/** Tenant id of rows that concern the whole deployment; no tenant can have it. */
export const deploymentTenantId = '00000000-0000-0000-0000-000000000000';

/** Events and messages that were committed and wait for the dispatcher, which removes them. */
export const OutboxRow = defineEntity({
  name: 'OutboxRow',
  tableName: 'outbox',
  ...tenantTable(),
  indexes: [{ name: 'outbox_seq', properties: ['seq'] }],
  properties: {
    tenantId: tenantId(),
    /** in the order of writing */
    seq: p.bigint().primary().autoincrement(),
    /** `event` or `message` */
    kind: text(),
    body: p.json<object>(),
    writtenAt: moment().defaultRaw('now()'),
  },
});

/** A counter per topic that nodes compare with what they saw last. Holds nothing of any tenant, so it has no row level security. */
export const SignalRow = defineEntity({
  name: 'SignalRow',
  tableName: 'signals',
  schema: 'kernel',
  properties: {
    topic: text().primary(),
    generation: p.bigint(),
  },
});

export const eventEntities = [OutboxRow, SignalRow];
