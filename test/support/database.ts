import { createHash, randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { kernelEntities } from '../../kernel/database/entities.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../kernel/database/index.ts';
import { migrationsDir, openMigrationOrm, readDrift } from '../../kernel/database/kernel-migrations.ts';
import { type TestCluster, testCluster } from './cluster.ts';

/** The part of tap's `t` that is needed here. */
export interface Teardown {
  teardown(fn: () => unknown): unknown;
}

/** Master key of every test database: pass it to whatever boots on {@link testDatabaseUrl}. */
export const testMasterKey = Buffer.alloc(32, 7);

const quiet = (): undefined => undefined;
export const quietLog = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const templateLock = 7_206_150_003;

/** Entities or migrations that changed need another template, so its name follows from both. */
async function templateName(): Promise<string> {
  const orm = new MikroORM({ entities: [...kernelEntities], dbName: 'none', discovery: { warnWhenNoEntities: false } });
  const hash = createHash('sha256').update(await orm.schema.getCreateSchemaSQL({ wrap: false }));
  for (const file of (await readdir(migrationsDir)).toSorted()) hash.update(await readFile(join(migrationsDir, file)));
  return `px_template_${hash.digest('hex').slice(0, 16)}`;
}

/** Entities may run ahead of their migration while they are worked on; one test says so, all others go on. */
async function catchUp(database: Database): Promise<void> {
  const orm = await openMigrationOrm({ url: database.bootUrl, prefix: database.prefix, log: quietLog });
  try {
    const drift = await readDrift(orm);
    if (drift.trim() !== '') await database.boot((query) => query(drift));
  } finally {
    await orm.close(true);
  }
}

async function ensureTemplate(cluster: TestCluster): Promise<string> {
  const name = await templateName();
  await cluster.admin.query('select pg_advisory_lock($1)', [templateLock]);
  try {
    const found = await cluster.admin.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount !== 0) return name;
    const draft = `px_draft_${randomBytes(6).toString('hex')}`;
    await cluster.admin.query(`create database ${draft} owner ${new URL(cluster.urlOf(draft)).username}`);
    const database = await openDatabase({ url: cluster.urlOf(draft), dataDir: '', masterKey: testMasterKey, log: quietLog });
    await catchUp(database);
    await database.close();
    await cluster.admin.query(`alter database ${draft} rename to ${name}`);
    return name;
  } finally {
    await cluster.admin.query('select pg_advisory_unlock($1)', [templateLock]);
  }
}

async function createDatabase(t: Teardown, cluster: TestCluster, template?: string): Promise<string> {
  const name = `px_test_${randomBytes(8).toString('hex')}`;
  const url = cluster.urlOf(name);
  await cluster.admin.query(`create database ${name} owner ${new URL(url).username}${template === undefined ? '' : ` template ${template}`}`);
  t.teardown(async () => {
    await cluster.admin.query(`drop database if exists ${name} with (force)`);
    await cluster.admin.end();
  });
  return url;
}

/** A database with nothing in it, as a new deployment finds it; dropped when the test ends. */
export async function emptyDatabaseUrl(t: Teardown): Promise<string> {
  return createDatabase(t, await testCluster());
}

/**
 * A database of its own with the kernel's schema, dropped when the test ends. Roles are cluster-wide: all test
 * databases share one deployment prefix.
 *
 * @returns URL of its boot role, as an operator would put it into DATABASE_URL
 */
export async function testDatabaseUrl(t: Teardown): Promise<string> {
  const cluster = await testCluster();
  const template = await ensureTemplate(cluster);
  return createDatabase(t, cluster, template);
}

/** Opens a database made by {@link testDatabaseUrl} and closes it when the test ends. */
export async function testDatabase(t: Teardown, options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const url = await testDatabaseUrl(t);
  const database = await openDatabase({ url, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 5, ...options });
  t.teardown(() => database.close());
  return database;
}
