import { defineEntity, p, systemTable, tenantId, tenantTable } from '../database/entity.ts';

/** A third-party plugin version this deployment holds: the verified package, taken apart. */
export const PluginPackage = defineEntity({
  name: 'PluginPackage',
  tableName: 'plugin_packages',
  ...systemTable(),
  properties: {
    id: p.string().primary(),
    version: p.string().primary(),
    manifest: p.json(),
    code: p.text(),
    readme: p.text(),
    /** SHA-256 that the signature covers. */
    digest: p.string(),
    publisher: p.string(),
    keyId: p.string(),
    /** Offered to every tenant; otherwise only to those in `plugin_offers`. */
    everyTenant: p.boolean(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** A private package that a tenant has uploaded. */
export const PluginOffer = defineEntity({
  name: 'PluginOffer',
  tableName: 'plugin_offers',
  ...tenantTable(),
  properties: { tenantId: tenantId(), pluginId: p.string().primary(), version: p.string().primary(), createdAt: p.datetime().defaultRaw('now()') },
});

/** A publisher's key that is trusted: by the deployment, or by one tenant for its private plugins. */
export const PublisherKey = defineEntity({
  name: 'PublisherKey',
  tableName: 'publisher_keys',
  ...systemTable(),
  properties: {
    keyId: p.string().primary(),
    /** A tenant's id, or `deployment`. */
    scope: p.string().primary(),
    publisher: p.string(),
    /** Raw 32 bytes, base64. */
    publicKey: p.string(),
    validFrom: p.datetime().defaultRaw('now()'),
    validUntil: p.datetime().nullable(),
    revoked: p.boolean().default(false),
  },
});

/** Which version of a plugin a tenant has, and what it may do there. */
export const PluginInstallation = defineEntity({
  name: 'PluginInstallation',
  tableName: 'plugin_installations',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    pluginId: p.string().primary(),
    version: p.string(),
    previousVersion: p.string().nullable(),
    enabled: p.boolean(),
    grants: p.json(),
    config: p.json(),
    installedBy: p.uuid().nullable(),
    /** Taken under a lock, so that it grows in commit order: nodes read what is above the last they saw. */
    revision: p.bigint(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ properties: ['revision'] }],
});

/** What a plugin holds in a tenant, against its quotas. Nodes add their deltas about once a second. */
export const PluginUsage = defineEntity({
  name: 'PluginUsage',
  tableName: 'plugin_usage',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    pluginId: p.string().primary(),
    rows: p.bigint().default(0),
    storedBytes: p.bigint().default(0),
    kvEntries: p.bigint().default(0),
    queuedJobs: p.bigint().default(0),
  },
});

export const pluginEntities = [PluginPackage, PluginOffer, PublisherKey, PluginInstallation, PluginUsage];
