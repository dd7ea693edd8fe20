import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Constructor } from '@mikro-orm/core';
import type { Migration } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Query } from './boot-connection.ts';
import { kernelEntities } from './entities.ts';
import { kernelSchema } from './entity.ts';
import type { DatabaseLog } from './log.ts';
import { openOrm } from './orm.ts';
import { quoteIdentifier, roleNames } from './role-names.ts';

/** Where the checked-in migrations lie. */
export const migrationsDir = fileURLToPath(new URL('migrations/', import.meta.url));

/** Stands in the checked-in migrations for the prefix that each deployment makes for its roles. */
export const placeholderPrefix = 'proofpix';

interface MigrationsOptions {
  url: string;
  prefix: string;
  log: DatabaseLog;
}

interface NamedMigration {
  name: string;
  class: Constructor<Migration>;
}

async function checkedInNames(): Promise<string[]> {
  const files = await readdir(migrationsDir);
  return files.filter((file) => /^Migration\d+.*\.ts$/.test(file)).map((file) => file.slice(0, -'.ts'.length)).toSorted();
}

async function checkedIn(): Promise<NamedMigration[]> {
  return Promise.all(
    (await checkedInNames()).map(async (name) => {
      const file = `${name}.ts`;
      const module = (await import(new URL(`migrations/${file}`, import.meta.url).href)) as Record<string, Constructor<Migration>>;
      const found = module[name];
      if (!found) throw new Error(`${file} does not export ${name}`);
      return { name, class: found };
    }),
  );
}

/** MikroORM on the boot role, with the kernel's entities and migrations. */
export async function openMigrationOrm(options: MigrationsOptions): Promise<MikroORM> {
  const { Migrator } = await import('@mikro-orm/migrations');
  const written = roleNames(placeholderPrefix);
  const real = roleNames(options.prefix);
  return openOrm({
    ...options,
    entities: kernelEntities,
    poolMax: 2,
    applicationName: 'proofpix-boot',
    overrides: {
      extensions: [Migrator],
      migrations: { tableName: `${kernelSchema}.migrations`, path: migrationsDir, pathTs: migrationsDir, migrationsList: await checkedIn(), snapshot: false, emit: 'ts', silent: true },
      // made before the first migration runs, because they say which deployment this is and what has run
      schemaGenerator: { skipTables: ['deployment', 'migrations', `${kernelSchema}.deployment`, `${kernelSchema}.migrations`] },
      onQuery: (sql) => sql.replaceAll(quoteIdentifier(written.app), quoteIdentifier(real.app)).replaceAll(quoteIdentifier(written.system), quoteIdentifier(real.system)),
    },
  });
}

/** Statements between the migrated kernel schema and the entities: empty unless a migration is missing. */
export function readDrift(orm: MikroORM): Promise<string> {
  return orm.schema.getUpdateSchemaSQL({ schema: kernelSchema, safe: false, dropTables: true, wrap: false });
}

/** Whether every checked-in migration has run; asked first, so that most boots never load the machinery of migrations. */
async function isUpToDate(query: Query): Promise<boolean> {
  const [table] = await query('select to_regclass($1) as found', [`${kernelSchema}.migrations`]);
  if (table?.['found'] === null) return false;
  const ran = new Set((await query(`select name from ${kernelSchema}.migrations`)).map(({ name }) => name));
  return (await checkedInNames()).every((name) => ran.has(name));
}

/** Runs what this deployment has not run yet, all or nothing. Call it under the boot lock; `query` is its connection. */
export async function runKernelMigrations(query: Query, options: MigrationsOptions): Promise<void> {
  if (await isUpToDate(query)) return;
  const orm = await openMigrationOrm(options);
  try {
    await orm.migrator.up();
    const { app, system } = roleNames(options.prefix);
    // tables of this schema are granted to both as they are made; this one says what has run
    await orm.em.execute(`revoke all on ${kernelSchema}.migrations from ${quoteIdentifier(app)}, ${quoteIdentifier(system)}`);
  } finally {
    await orm.close(true);
  }
}
