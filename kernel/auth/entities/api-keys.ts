import { defineEntity, p, systemTable, tenantId, tenantTable } from '../../database/entity.ts';
import { createdAt, moment, text } from './columns.ts';

/** A key for programs, of one user in one tenant. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    userId: p.uuid().index(),
    name: text(),
    /** SHA-256: the key has 256 random bits, so nothing slower is needed */
    hash: p.blob(),
    /** the secret before the last rotation, good until then */
    previousHash: p.blob().nullable(),
    previousUntil: moment().nullable(),
    rotatedAt: moment().nullable(),
    /** permissions it is limited to; null is no limit */
    scope: p.json<string[]>().nullable(),
    /** addresses it may come from, in CIDR notation; null is any */
    addresses: p.json<string[]>().nullable(),
    /** null is the deployment's limit */
    requestsPerMinute: p.integer().nullable(),
    /** for signed requests: the HMAC secret in an envelope of the vault; null when requests are not signed */
    signingSealed: p.blob().nullable(),
    createdAt: createdAt(),
    lastUsedAt: moment().nullable(),
    expiresAt: moment().nullable(),
    revokedAt: moment().nullable(),
  },
  indexes: [{ name: 'api_keys_by_tenant', properties: ['tenantId'] }],
});

/** Requests of a key, by UTC day and endpoint. */
export const ApiKeyUsage = defineEntity({
  name: 'ApiKeyUsage',
  tableName: 'api_key_usage',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    keyId: p.uuid().primary(),
    day: p.string().columnType('date').primary(),
    /** method and route pattern; what is beyond the bound counts as `other` */
    endpoint: text().primary(),
    requests: p.bigint(),
    errors: p.bigint(),
  },
});

/** Nonces of signed requests, for as long as their timestamp would be accepted. */
export const RequestNonce = defineEntity({
  name: 'RequestNonce',
  tableName: 'request_nonces',
  ...systemTable(),
  properties: { keyId: p.uuid().primary(), nonce: text().primary(), expiresAt: moment().index() },
});
