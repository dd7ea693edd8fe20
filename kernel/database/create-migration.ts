/**
 * `npm run db:migration -- <name>`: writes a migration that brings the checked-in ones up to the entities.
 * `--initial` first removes all of them and writes one; only for as long as nobody has run any.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withBootConnection } from './boot-connection.ts';
import { startEmbedded } from './embedded/embedded.ts';
import { kernelSchema } from './entity.ts';
import { migrationsDir, openMigrationOrm, placeholderPrefix } from './kernel-migrations.ts';
import { roleNames } from './role-names.ts';

const { values, positionals } = parseArgs({ options: { initial: { type: 'boolean', default: false } }, allowPositionals: true });
const name = values.initial ? 'initial' : positionals[0];
if (name === undefined || !/^[a-z][a-z0-9-]*$/.test(name)) throw new Error('usage: npm run db:migration -- <name-in-kebab-case> | --initial');

const say = (fields: object, message: string): void => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const log = { debug: () => undefined, info: say, warn: say, error: say };
if (values.initial) for (const file of await readdir(migrationsDir)) await rm(join(migrationsDir, file));

const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-migration-'));
const cluster = await startEmbedded({ dataDir, log, settings: ['fsync=off'] });
try {
  const roles = roleNames(placeholderPrefix);
  await withBootConnection(cluster.url, (query) => query(`create schema ${kernelSchema}; create role ${roles.app}; create role ${roles.system}`));
  const orm = await openMigrationOrm({ url: cluster.url, prefix: placeholderPrefix, log });
  await orm.migrator.up();
  const { fileName, diff } = await orm.migrator.create(migrationsDir, false, false, name.replaceAll('-', '_'));
  process.stdout.write(fileName === '' ? 'The migrations are up to the entities.\n' : `${fileName}: ${diff.up.length} statements\n`);
  await orm.close(true);
} finally {
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}
