import type { MikroORM } from '@mikro-orm/postgresql';
import type { Manifest } from '@proofpix/sdk';
import type { DatabaseLog } from '../log.ts';
import { cursors } from './cursor.ts';
import { type PluginStore, pluginStore } from './plugin-store.ts';
import { type ProvisionContext, type ProvisionOptions, type ProvisionResult, provision } from './provision.ts';
import { dropPlugin, purgeTenant } from './remove.ts';
import { statementNames } from './statement-names.ts';

const maxOpenStores = 2_000;

/** Schemas and records of plugins. */
export interface PluginDatabase {
  /**
   * Brings the plugin's schema to where this version runs; expands only, unless `allowContract`.
   *
   * @throws CONFLICT when existing records or a changed type forbid it, UNAVAILABLE when its tables stay locked
   */
  provision(manifest: Manifest, options?: ProvisionOptions): Promise<ProvisionResult>;
  /** The store of this version; cheap, kept per plugin and version. @throws VALIDATION_ERROR on a schema that cannot be stored */
  open(manifest: Manifest): PluginStore;
  /** Deletes a tenant's records of this plugin. */
  purgeTenant(pluginId: string, tenantId: string): Promise<void>;
  /** Removes schema, role and migration records. */
  drop(pluginId: string): Promise<void>;
}

export function pluginDatabase(options: { orm: MikroORM; bootUrl: string; prefix: string; masterKey: Buffer; log: DatabaseLog; system: ProvisionContext['system'] }): PluginDatabase {
  const stores = new Map<string, { manifest: Manifest; store: PluginStore }>();
  const parts = { orm: options.orm, prefix: options.prefix, cursors: cursors(options.masterKey), names: statementNames() };
  const context = { bootUrl: options.bootUrl, prefix: options.prefix, log: options.log, system: options.system };
  return {
    provision: (manifest, how) => provision(context, manifest, how),
    open(manifest) {
      const key = `${manifest.id}@${manifest.version}`;
      const known = stores.get(key);
      // a version under development keeps its number while its collections change
      if (known && (known.manifest === manifest || JSON.stringify(known.manifest.collections) === JSON.stringify(manifest.collections))) return known.store;
      const store = pluginStore(parts, manifest);
      if (!known && stores.size >= maxOpenStores) stores.delete(stores.keys().next().value ?? '');
      stores.set(key, { manifest, store });
      return store;
    },
    purgeTenant: (pluginId, tenantId) => purgeTenant(context, pluginId, tenantId),
    drop: (pluginId) => dropPlugin(context, pluginId),
  };
}
