/**
 * Process that owns the PostgreSQL of a test run: `node cluster-keeper.ts <directory>`. It outlives the test file
 * that started it, and stops by itself, files included, once nobody has been connected for a while.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbedded } from '../../kernel/database/embedded/embedded.ts';
import { findPostmaster } from '../../kernel/database/embedded/postmaster.ts';

const pollMs = 1_000;
const idleMs = 20_000;
const bootRole = 'proofpix_test';

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: node cluster-keeper.ts <directory>');
const say = (fields: object, message: string): void => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const log = { debug: () => undefined, info: say, warn: say, error: say };

// without fsync nothing survives a power cut, so files without a live server are worth nothing
if (!(await findPostmaster(join(directory, 'postgres')))) await rm(join(directory, 'postgres'), { recursive: true, force: true });
const cluster = await startEmbedded({
  dataDir: directory,
  log,
  settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=500', 'max_wal_size=4GB', 'autovacuum_naptime=10min', 'wal_level=minimal', 'max_wal_senders=0'],
});
const watch = new Client({ connectionString: cluster.url, application_name: 'keeper' });
watch.on('error', () => process.exit(1));
await watch.connect();
// tests boot as a managed service's first user would: not a superuser
await watch.query(
  `do $$ begin if not exists (select 1 from pg_roles where rolname = '${bootRole}') then create role ${bootRole} login createrole password '${bootRole}'; end if; end $$`,
);
const address = { adminUrl: cluster.url, bootUser: bootRole, bootPassword: bootRole };
const draft = join(directory, `cluster.${process.pid}.json`);
await writeFile(draft, JSON.stringify(address), { mode: 0o600 });
await rename(draft, join(directory, 'cluster.json'));

let idleSince = Date.now();
while (Date.now() - idleSince < idleMs) {
  await delay(pollMs);
  const { rows } = await watch.query<{ used: boolean }>(
    `select count(*) > 0 as used from pg_stat_activity
     where backend_type = 'client backend' and application_name not in ('keeper', 'proofpix-owner')`,
  );
  if (rows[0]?.used) idleSince = Date.now();
}
await rm(join(directory, 'cluster.json'), { force: true });
await watch.end();
await cluster.stop();
await rm(directory, { recursive: true, force: true });
