import { defineEntity, p, systemTable, tenantId, tenantTable } from '../database/entity.ts';

const text = () => p.string().columnType('text');
const moment = () => p.datetime().columnType('timestamptz');

/** Key-encryption keys, wrapped by MASTER_KEY. Old ones stay: short-lived envelopes elsewhere may still name them. */
export const VaultKey = defineEntity({
  name: 'VaultKey',
  tableName: 'vault_keys',
  ...systemTable(),
  properties: {
    /** 16 random bytes in hex; leads every envelope */
    id: text().primary(),
    wrapped: p.blob(),
    /** which master key wraps it */
    masterKeyId: text(),
    active: p.boolean(),
    /** the master key that a running rotation goes to */
    rotatingTo: text().nullable(),
    createdAt: moment().defaultRaw('now()'),
  },
  uniques: [{ name: 'vault_keys_one_active', properties: ['active'], where: { active: true } }],
});

/** Secrets of a plugin in a tenant, as envelopes of the vault. */
export const Secret = defineEntity({
  name: 'Secret',
  tableName: 'secrets',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    pluginId: text().primary(),
    name: text().primary(),
    sealed: p.blob(),
    updatedAt: moment().defaultRaw('now()'),
  },
});

/** Content that a tenant holds; the bytes lie on disk or in S3 under the same two keys. */
export const StoredBlob = defineEntity({
  name: 'StoredBlob',
  tableName: 'blobs',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    /** lower-case hex SHA-256 */
    hash: text().primary(),
    sizeBytes: p.bigint(),
    /** false until the bytes are in place for certain, and again before they are removed */
    stored: p.boolean(),
    createdAt: moment().defaultRaw('now()'),
  },
});

/** References to content: a plugin's file, a temporary upload, or a write that is about to finish. */
export const FileReference = defineEntity({
  name: 'FileReference',
  tableName: 'files',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    id: p.uuid().primary(),
    pluginId: text(),
    hash: text(),
    sizeBytes: p.bigint(),
    mimeType: text(),
    declaredType: text().nullable(),
    /** `pending` holds the content while its bytes are put in place; nobody can read it */
    state: text(),
    /** null for a kept file */
    expiresAt: moment().nullable(),
    createdAt: moment().defaultRaw('now()'),
  },
  indexes: [
    { name: 'files_by_owner', properties: ['tenantId', 'pluginId'] },
    { name: 'files_by_hash', properties: ['tenantId', 'hash'] },
    { name: 'files_by_expiry', properties: ['expiresAt'], where: { expiresAt: { $ne: null } } },
  ],
});

/** Small values of a plugin in a tenant. `json`, not `jsonb`: a value comes back as it was written. */
export const KeyValueEntry = defineEntity({
  name: 'KeyValueEntry',
  tableName: 'key_values',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    pluginId: text().primary(),
    key: text().primary(),
    value: p.json<unknown>().columnType('json'),
    expiresAt: moment().nullable(),
  },
  indexes: [{ name: 'key_values_by_expiry', properties: ['expiresAt'], where: { expiresAt: { $ne: null } } }],
});

/** Nodes that hold scratch: that they live. Whose key is where stands in a session's name. */
export const ScratchNode = defineEntity({
  name: 'ScratchNode',
  tableName: 'scratch_nodes',
  ...systemTable(),
  properties: {
    id: text().primary(),
    seenAt: moment().defaultRaw('now()'),
  },
});

/** Sessions that another node was asked to end. */
export const ScratchEnd = defineEntity({
  name: 'ScratchEnd',
  tableName: 'scratch_ends',
  ...systemTable(),
  properties: {
    sessionId: text().primary(),
    nodeId: text(),
    tenantId: p.uuid(),
    pluginId: text(),
    askedAt: moment().defaultRaw('now()'),
  },
  indexes: [{ name: 'scratch_ends_by_node', properties: ['nodeId'] }],
});

export const storageEntities = [VaultKey, Secret, StoredBlob, FileReference, KeyValueEntry, ScratchNode, ScratchEnd];
