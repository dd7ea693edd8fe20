import { defineEntity, p, systemTable } from '../database/entity.ts';

const text = () => p.string().columnType('text');
const moment = () => p.datetime().columnType('timestamptz');

/** What became of a request with an `Idempotency-Key`. */
export const IdempotencyRecord = defineEntity({
  name: 'IdempotencyRecord',
  tableName: 'idempotency',
  ...systemTable(),
  properties: {
    /** SHA-256 of principal, tenant, method, route and key, in hex */
    id: text().primary(),
    /** `running`, `kept`, or `not-kept` for a reply that was too large */
    state: text(),
    /** which attempt holds the lease */
    leaseOwner: text(),
    leaseUntil: moment(),
    /** SHA-256 of the body, in hex; null while it runs */
    bodyHash: text().nullable(),
    /** envelope of the vault around the reply */
    reply: p.blob().nullable(),
    expiresAt: moment(),
  },
  indexes: [{ name: 'idempotency_by_expiry', properties: ['expiresAt'] }],
});

/** Settings of the whole deployment that operators change while it runs; one row each. */
export const DeploymentSetting = defineEntity({
  name: 'DeploymentSetting',
  tableName: 'deployment_settings',
  ...systemTable(),
  properties: {
    name: text().primary(),
    value: p.json<unknown>(),
    updatedAt: moment().defaultRaw('now()'),
  },
});

export const httpEntities = [IdempotencyRecord, DeploymentSetting];
