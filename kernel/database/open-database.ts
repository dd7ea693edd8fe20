import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { type Query, withBootConnection, withBootLock } from './boot-connection.ts';
import { poolOf } from './collections/plugin-connection.ts';
import { type PluginDatabase, pluginDatabase } from './collections/plugin-database.ts';
import { startEmbedded } from './embedded/embedded.ts';
import { kernelEntities } from './entities.ts';
import { runKernelMigrations } from './kernel-migrations.ts';
import { inTransaction } from './joined-transaction.ts';
import type { DatabaseLog } from './log.ts';
import { openOrm } from './orm.ts';
import { ensureDeployment, ensureRoles, requireBootRights, resetServingPassword, servingPassword } from './roles.ts';
import { quoteIdentifier, quoteLiteral, roleNames } from './role-names.ts';

const defaultPoolMax = 20;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface DatabaseOptions {
  /** boot and migration role; without it an embedded PostgreSQL runs under `dataDir` */
  url?: string | undefined;
  dataDir: string;
  /** the deployment's master key: the serving login's password follows from it */
  masterKey: Buffer;
  log: DatabaseLog;
  /** connections of the serving pool, default 20 */
  poolMax?: number;
}

/** The deployment's database. One per process. */
export interface Database {
  /** leads the names of the deployment's cluster-wide roles, e.g. `px_1f2e3d4c` */
  readonly prefix: string;
  /** boot and migration role */
  readonly bootUrl: string;
  /** login that serves requests and owns nothing; also for pg-boss and LISTEN connections */
  readonly servingUrl: string;
  readonly orm: MikroORM;
  /** One transaction as the system role, which sees every tenant's kernel rows. */
  system<T>(fn: (em: EntityManager) => Promise<T>): Promise<T>;
  /**
   * One transaction that sees this tenant's rows only.
   *
   * @throws Error when `tenantId` is not a lower-case uuid
   */
  tenant<T>(tenantId: string, fn: (em: EntityManager) => Promise<T>): Promise<T>;
  /** Schemas and records of plugins. */
  readonly plugins: PluginDatabase;
  /** Statements as the boot role, on a connection of their own, for DDL such as installing pg-boss. */
  boot<T>(fn: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

function withLogin(url: string, user: string, password: string): string {
  const serving = new URL(url);
  serving.username = encodeURIComponent(user);
  serving.password = encodeURIComponent(password);
  return serving.href;
}

const wrongPassword = (error: unknown): boolean => /password authentication failed|role ".*" is not permitted to log in/.test(String((error as Error | null)?.message));

/**
 * Starts or reaches PostgreSQL, makes the deployment's roles and kernel tables, and opens the serving pool.
 * Several nodes may do this at once: they take turns.
 *
 * @throws Error when the data directory is in use, the boot role lacks rights, or the master key is another one
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const cluster = options.url === undefined ? await startEmbedded({ dataDir: options.dataDir, log: options.log }) : undefined;
  try {
    const bootUrl = options.url ?? cluster?.url ?? '';
    const { prefix } = await withBootLock(bootUrl, async (query) => {
      await requireBootRights(query);
      const deployment = await ensureDeployment(query, options.masterKey);
      const password = servingPassword(options.masterKey, deployment.prefix);
      await ensureRoles(query, deployment.prefix, password);
      await runKernelMigrations(query, { url: bootUrl, prefix: deployment.prefix, log: options.log });
      return deployment;
    });
    const names = roleNames(prefix);
    const password = servingPassword(options.masterKey, prefix);
    const servingUrl = withLogin(bootUrl, names.app, password);
    await withBootConnection(servingUrl, async () => undefined).catch(async (error: unknown) => {
      if (!wrongPassword(error)) throw error;
      await withBootLock(bootUrl, (query) => resetServingPassword(query, prefix, password));
    });
    const orm = await openOrm({ url: servingUrl, prefix, entities: kernelEntities, poolMax: options.poolMax ?? defaultPoolMax, log: options.log, applicationName: 'proofpix' });
    const pool = await poolOf(orm);
    const asSystem = `begin; set local role ${quoteIdentifier(names.system)}`;
    const system: Database['system'] = async (fn) => inTransaction(orm, pool, asSystem, fn);
    return {
      prefix,
      bootUrl,
      servingUrl,
      orm,
      system,
      async tenant(tenantId, fn) {
        if (!uuid.test(tenantId)) throw new Error('A tenant id is a lower-case uuid');
        return inTransaction(orm, pool, `begin; set local app.tenant = ${quoteLiteral(tenantId)}`, fn);
      },
      plugins: pluginDatabase({ orm, bootUrl, prefix, masterKey: options.masterKey, log: options.log, system }),
      boot: (fn) => withBootConnection(bootUrl, fn),
      async close() {
        await orm.close(true);
        await cluster?.stop();
      },
    };
  } catch (error) {
    await cluster?.stop();
    throw error;
  }
}
