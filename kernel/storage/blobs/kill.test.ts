import { spawn } from 'node:child_process';
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { quietLog, testDatabaseUrl, testMasterKey } from '../../../test/support/database.ts';
import { openDatabase } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import { openBlobs } from './open-blobs.ts';

const rounds = 3;

t.setTimeout(110_000);

/** Kills the writer at some moment after its first acknowledgements; answers all of them. */
async function acknowledgedBefore(kill: { url: string; dataDir: string; tenantId: string }): Promise<string[]> {
  const child = spawn(process.execPath, ['--no-node-snapshot', join(import.meta.dirname, 'fixtures/endless-writer.ts'), kill.url, kill.dataDir, kill.tenantId], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const exited = once(child, 'exit');
  try {
    await once(reader, 'line', { signal: AbortSignal.timeout(30_000) });
    // the moment is what is random here: nothing is waited for
    await delay(randomInt(20, 300));
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
  return lines.filter((line) => /^\S{36} [0-9a-f]{64}$/.test(line));
}

t.test('killed at random moments, no acknowledged file is missing and nothing is left over', async (test) => {
  const url = await testDatabaseUrl(test);
  const dataDir = test.testdir();
  const tenantId = randomUUID();
  const owner = { tenantId, pluginId: 'files' };
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) acknowledged.push(...(await acknowledgedBefore({ url, dataDir, tenantId })));

  const database = await openDatabase({ url, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 3 });
  test.teardown(() => database.close());
  const blobs = await openBlobs({ database, backend: 'disk', dataDir, handleKey: Buffer.alloc(32), log: quietLog, times: { abandonedAfterMs: -1_000 } });
  await database.system((em) => statement(em, `update kernel.files set expires_at = now() where state = 'pending'`));
  await blobs.collect();
  test.ok(acknowledged.length >= rounds, `${acknowledged.length} files`);
  for (const line of acknowledged) {
    const [id = '', expected] = line.split(' ');
    const hash = createHash('sha256');
    for await (const part of await blobs.open(owner, id, { start: 0, end: null })) hash.update(part);
    if (hash.digest('hex') !== expected) test.fail(`${id} changed`);
  }
  // what was stored but not said may be there, whole; half of one may not
  const rows = await database.tenant(tenantId, (em) => statement<{ hash: string; stored: boolean; used: boolean }>(em, 'select hash, stored, exists (select from kernel.files f where f.tenant_id = b.tenant_id and f.hash = b.hash) as used from kernel.blobs b'));
  test.ok(rows.every((row) => row.stored && row.used));
  const entries = await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true });
  test.same(entries.filter((entry) => entry.isFile()).map((entry) => entry.name).toSorted(), rows.map((row) => row.hash).toSorted());
});
