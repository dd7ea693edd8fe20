import { createHash, randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { kernelEntities } from '../../kernel/database/entities.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../kernel/database/index.ts';
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

/** Entities that changed need another template, so its name follows from their tables. */
async function templateName(): Promise<string> {
  const orm = new MikroORM({ entities: [...kernelEntities], dbName: 'none', discovery: { warnWhenNoEntities: false } });
  const sql = await orm.schema.getCreateSchemaSQL({ wrap: false });
  return `px_template_${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`;
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
    await database.close();
    await cluster.admin.query(`alter database ${draft} rename to ${name}`);
    return name;
  } finally {
    await cluster.admin.query('select pg_advisory_unlock($1)', [templateLock]);
  }
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
  const name = `px_test_${randomBytes(8).toString('hex')}`;
  const url = cluster.urlOf(name);
  await cluster.admin.query(`create database ${name} template ${template} owner ${new URL(url).username}`);
  t.teardown(async () => {
    await cluster.admin.query(`drop database if exists ${name} with (force)`);
    await cluster.admin.end();
  });
  return url;
}

/** Opens a database made by {@link testDatabaseUrl} and closes it when the test ends. */
export async function testDatabase(t: Teardown, options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const url = await testDatabaseUrl(t);
  const database = await openDatabase({ url, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 5, ...options });
  t.teardown(() => database.close());
  return database;
}
