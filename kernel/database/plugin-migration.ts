import { defineEntity, p, systemTable } from './entity.ts';

/** What was done to a plugin's schema for one of its versions, and what waits until no tenant needs the older one. */
export const PluginMigration = defineEntity({
  name: 'PluginMigration',
  tableName: 'plugin_migrations',
  ...systemTable(),
  properties: {
    pluginId: p.string().columnType('text').primary(),
    version: p.string().columnType('text').primary(),
    fingerprint: p.string().columnType('text'),
    statements: p.json<string[]>(),
    deferred: p.json<string[]>(),
    appliedAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
});

export const pluginMigrationEntities = [PluginMigration];
