import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, type Manifest, Unavailable } from '@proofpix/sdk';
import { type Query, withBootLock } from '../boot-connection.ts';
import type { DatabaseLog } from '../log.ts';
import { openOrm } from '../orm.ts';
import { quoteIdentifier, roleNames } from '../role-names.ts';
import { allowSetRole, createRole } from '../roles.ts';
import { collectionEntity } from './collection-entity.ts';
import { type CollectionTable, collectionTables, pluginSchema } from './collection-table.ts';
import { expandOnly } from './expand-only.ts';
import { fingerprintOf, isKnownMigration } from './known-migration.ts';
import { differenceToSql, readDifference, splitStatements } from './schema-diff.ts';
import { planSearches } from './text-search.ts';

/** A table in use is not waited for longer than this: everybody else would queue behind the migration. */
const tableLockTimeoutMs = 3_000;
const lockAttempts = 5;

export interface ProvisionOptions {
  /** Executes in a transaction that is rolled back. */
  dryRun?: boolean;
  /** No tenant runs, or may roll back to, an older version: named drops and narrowing are carried out. */
  allowContract?: boolean;
}

export interface ProvisionResult {
  /** what was (or, in a dry run, would be) executed */
  statements: string[];
  /** what waits, and for what */
  deferred: string[];
}

export interface ProvisionContext {
  bootUrl: string;
  prefix: string;
  log: DatabaseLog;
  /** one transaction of the system role on the serving pool */
  system<T>(fn: (em: EntityManager) => Promise<T>): Promise<T>;
}

async function asSystem<T>(query: Query, context: ProvisionContext, fn: () => Promise<T>): Promise<T> {
  await query(`set local role ${quoteIdentifier(roleNames(context.prefix).system)}`);
  const result = await fn();
  await query('reset role');
  return result;
}

/** Turns what PostgreSQL says about existing rows into what the author can act on. */
function explain(error: unknown, manifest: Manifest): unknown {
  const { code, table, column } = error as { code?: string; table?: string; column?: string };
  if (code === '23505') return Conflict({ message: `${manifest.id}: existing records of ${table ?? 'a collection'} are not unique as version ${manifest.version} declares`, cause: error });
  if (code === '23502') return Conflict({ message: `${manifest.id}: existing records of ${table ?? 'a collection'} lack ${column ?? 'a field'}, which version ${manifest.version} requires`, cause: error });
  if (code === '55P03') return Unavailable({ message: `${manifest.id}: its collections are busy, the migration did not get its locks`, cause: error });
  return error;
}

async function migrate(query: Query, context: ProvisionContext, manifest: Manifest, tables: readonly CollectionTable[], options: ProvisionOptions): Promise<ProvisionResult> {
  const names = roleNames(context.prefix);
  const role = names.plugin(manifest.id);
  const schema = pluginSchema(manifest.id);
  const orm = await openOrm({ url: context.bootUrl, prefix: context.prefix, entities: tables.map(collectionEntity), poolMax: 2, log: context.log, applicationName: 'proofpix-migrate', tenantRole: role });
  // outside the transaction: the catalogue of roles is shared with other databases, and a race there needs another try
  if (!options.dryRun) await createRole(query, role);
  try {
    await query('begin');
    await query(`set local lock_timeout = ${tableLockTimeoutMs}`);
    if (options.dryRun) await createRole(query, role);
    await allowSetRole(query, role, names.app);
    const difference = await readDifference(orm, schema);
    const expansion = await expandOnly(difference, tables, {
      allowContract: options.allowContract ?? false,
      drop: manifest.migrations.drop,
      hasRows: (table) => asSystem(query, context, async () => (await query(`select 1 from ${table} limit 1`)).length > 0),
    });
    const searches = await planSearches(query, schema, tables, { system: names.system, plugin: role }, options.allowContract ?? false);
    const deferred = [...expansion.deferred, ...searches.deferred];
    const changes = [...searches.before, ...expansion.before, ...splitStatements(differenceToSql(orm, difference)), ...expansion.after, ...searches.after];
    const both = `${quoteIdentifier(role)}, ${quoteIdentifier(names.system)}`;
    const [space] = await query('select to_regnamespace($1) is not null as found', [quoteIdentifier(schema)]);
    const lead = space?.['found'] || tables.length > 0 ? [] : [`create schema ${quoteIdentifier(schema)}`];
    for (const statement of [...lead, ...changes]) await query(statement);
    await query(`grant usage on schema ${quoteIdentifier(schema)} to ${both}`);
    await query(`grant select, insert, update, delete on all tables in schema ${quoteIdentifier(schema)} to ${both}`);
    await asSystem(query, context, async () => {
      // what a contraction took away, an older version would need to have made again
      if (options.allowContract) await query('delete from kernel.plugin_migrations where plugin_id = $1 and version <> $2', [manifest.id, manifest.version]);
      await query(
        `insert into kernel.plugin_migrations (plugin_id, version, fingerprint, statements, deferred) values ($1, $2, $3, $4, $5)
         on conflict (plugin_id, version) do update set fingerprint = excluded.fingerprint, deferred = excluded.deferred, applied_at = now(),
           statements = kernel.plugin_migrations.statements || excluded.statements`,
        [manifest.id, manifest.version, fingerprintOf(manifest), JSON.stringify(changes), JSON.stringify(deferred)],
      );
    });
    await query(options.dryRun ? 'rollback' : 'commit');
    return { statements: [...lead, ...changes], deferred };
  } catch (error) {
    await query('rollback').catch(() => undefined);
    throw error;
  } finally {
    await orm.close(true);
  }
}

async function isDone(query: Query, context: ProvisionContext, manifest: Manifest): Promise<boolean> {
  await query('begin');
  try {
    const found = await asSystem(query, context, () =>
      query(`select 1 from kernel.plugin_migrations where plugin_id = $1 and version = $2 and fingerprint = $3 and deferred = '[]'`, [manifest.id, manifest.version, fingerprintOf(manifest)]),
    );
    return found.length > 0;
  } finally {
    await query('rollback');
  }
}

/**
 * Brings a plugin's schema to where this version can run, one node at a time.
 *
 * @throws CONFLICT when existing records or a changed type forbid it, UNAVAILABLE when its tables stay locked
 */
export async function provision(context: ProvisionContext, manifest: Manifest, options: ProvisionOptions = {}): Promise<ProvisionResult> {
  // most starts change nothing: those need neither a connection of their own nor the lock
  if (!options.dryRun && !options.allowContract && (await context.system((em) => isKnownMigration(em, manifest)))) return { statements: [], deferred: [] };
  return withBootLock(context.bootUrl, async (query) => {
    if (!options.dryRun && !options.allowContract && (await isDone(query, context, manifest))) return { statements: [], deferred: [] };
    const tables = collectionTables(manifest);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await migrate(query, context, manifest, tables, options);
      } catch (error) {
        if ((error as { code?: string }).code !== '55P03' || attempt === lockAttempts) throw explain(error, manifest);
        await delay(200 * attempt);
      }
    }
  });
}
