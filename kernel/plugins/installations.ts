import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Signals } from '../events/contract.ts';
import type { Installation } from './installed-plugin.ts';

/** Signal topic raised whenever an installation or a package changes. */
export const pluginsTopic = 'plugins';

/** Serialises writers so that `revision` grows in commit order. Any constant unknown to other locks of this database. */
const writersLock = 7_160_001;

interface InstallationRow {
  tenant_id: string;
  plugin_id: string;
  version: string;
  previous_version: string | null;
  enabled: boolean;
  grants: string[];
  config: Record<string, never>;
  revision: string;
}

const columns = 'tenant_id, plugin_id, version, previous_version, enabled, grants, config, revision';

function installationOf(row: InstallationRow): Installation {
  return { tenantId: row.tenant_id, pluginId: row.plugin_id, version: row.version, previousVersion: row.previous_version, enabled: row.enabled, grants: row.grants, config: row.config };
}

/** Installations of all tenants: rows in the database, a copy in memory that follows them. */
export interface Installations {
  get(tenantId: string, pluginId: string): Installation | null;
  ofTenant(tenantId: string): readonly Installation[];
  ofPlugin(pluginId: string): readonly Installation[];
  all(): Iterable<Installation>;
  /** Reads what has changed; returns the tenants it touched. */
  refresh(): Promise<ReadonlySet<string>>;
  /**
   * Reads the row under a lock, and writes what `change` makes of it. Call {@link refresh} afterwards
   * to see it here; other nodes are signalled.
   */
  update(tenantId: string, pluginId: string, by: string | null, change: (current: Installation | null) => Installation): Promise<Installation>;
  remove(tenantId: string, pluginId: string): Promise<void>;
}

export function openInstallations(database: Database, signals: Signals): Installations {
  const byTenant = new Map<string, Map<string, Installation>>();
  let seen = 0n;
  let refreshing: Promise<ReadonlySet<string>> = Promise.resolve(new Set());

  function write<T>(fn: (em: EntityManager, revision: string) => Promise<T>): Promise<T> {
    return database.system(async (em) => {
      await statement(em, 'select pg_advisory_xact_lock($1)', [writersLock]);
      const [row] = await statement<{ next: string }>(em, 'select coalesce(max(revision), 0) + 1 as next from kernel.plugin_installations');
      const result = await fn(em, (row as { next: string }).next);
      await signals.raise(pluginsTopic, em);
      return result;
    });
  }

  async function load(): Promise<ReadonlySet<string>> {
    const rows = await database.system((em) => statement<InstallationRow>(em, `select ${columns} from kernel.plugin_installations where revision > $1 order by revision`, [seen.toString()]));
    const touched = new Set<string>();
    for (const row of rows) {
      seen = BigInt(row.revision);
      touched.add(row.tenant_id);
      const plugins = byTenant.get(row.tenant_id) ?? new Map<string, Installation>();
      byTenant.set(row.tenant_id, plugins);
      // A removed installation stays as a row without a version, so that every node hears of it.
      if (row.version === '') plugins.delete(row.plugin_id);
      else plugins.set(row.plugin_id, installationOf(row));
    }
    return touched;
  }

  function refresh(): Promise<ReadonlySet<string>> {
    refreshing = refreshing.then(load, load);
    return refreshing;
  }

  return {
    get: (tenantId, pluginId) => byTenant.get(tenantId)?.get(pluginId) ?? null,
    ofTenant: (tenantId) => [...(byTenant.get(tenantId)?.values() ?? [])],
    ofPlugin: (pluginId) => [...byTenant.values()].flatMap((plugins) => plugins.get(pluginId) ?? []),
    *all() {
      for (const plugins of byTenant.values()) yield* plugins.values();
    },
    refresh,
    update: (tenantId, pluginId, by, change) =>
      write(async (em, revision) => {
        const [row] = await statement<InstallationRow>(em, `select ${columns} from kernel.plugin_installations where tenant_id = $1 and plugin_id = $2 and version <> ''`, [tenantId, pluginId]);
        const next = change(row === undefined ? null : installationOf(row));
        await statement(em, `insert into kernel.plugin_installations (tenant_id, plugin_id, version, previous_version, enabled, grants, config, installed_by, revision)
           values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9)
           on conflict (tenant_id, plugin_id) do update set version = excluded.version, previous_version = excluded.previous_version,
             enabled = excluded.enabled, grants = excluded.grants, config = excluded.config, revision = excluded.revision, updated_at = now()`,
          [tenantId, pluginId, next.version, next.previousVersion, next.enabled, JSON.stringify(next.grants), JSON.stringify(next.config), by, revision],
        );
        return next;
      }),
    async remove(tenantId, pluginId) {
      await write((tx, revision) => statement(tx, `update kernel.plugin_installations set version = '', enabled = false, grants = '[]', config = '{}', revision = $1, updated_at = now() where tenant_id = $2 and plugin_id = $3`, [revision, tenantId, pluginId]));
    },
  };
}
