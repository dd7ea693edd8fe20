import { randomBytes, randomUUID } from 'node:crypto';
import t from 'tap';
import { testCluster } from '../../test/support/cluster.ts';
import { quietLog, type Teardown, testDatabase, testMasterKey } from '../../test/support/database.ts';
import { openDatabase } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { openSecrets } from './secrets.ts';
import { openVault } from './vault.ts';

const plain = Buffer.from('a secret');
const internal = { code: 'INTERNAL_SERVER_ERROR' };

async function emptyDatabaseUrl(test: Teardown): Promise<string> {
  const cluster = await testCluster();
  const name = `px_test_${randomBytes(8).toString('hex')}`;
  const url = cluster.urlOf(name);
  await cluster.admin.query(`create database ${name} owner ${new URL(url).username}`);
  test.teardown(async () => {
    await cluster.admin.query(`drop database if exists ${name} with (force)`);
    await cluster.admin.end();
  });
  return url;
}

t.test('a changed envelope, another context and another key are refused', async (test) => {
  const database = await testDatabase(test);
  const vault = await openVault({ masterKey: testMasterKey, database });
  const sealed = await vault.seal(plain, 'one');
  await test.rejects(vault.open(sealed, 'two'), internal);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    await test.rejects(vault.open(changed, 'one'), internal, `byte ${at}`);
  }
  await test.rejects(vault.open(sealed.subarray(0, 40), 'one'), internal);
  await test.rejects(vault.open(Buffer.alloc(0), 'one'), internal);
  test.same(await vault.open(sealed, 'one'), plain);
});

t.test('the vault does not open with another master key', async (test) => {
  const database = await testDatabase(test);
  await openVault({ masterKey: testMasterKey, database });
  await test.rejects(openVault({ masterKey: Buffer.alloc(32, 1), database }), /MASTER_KEY/);
});

t.test('every envelope has a key and a nonce of its own, and hides its content', async (test) => {
  const vault = await openVault({ masterKey: testMasterKey, database: await testDatabase(test) });
  const [one, two] = [Buffer.from(await vault.seal(plain, 'x')), Buffer.from(await vault.seal(plain, 'x'))];
  test.notSame(one.subarray(17), two.subarray(17));
  test.notOk(one.includes(plain));
});

t.test('nodes that open an empty vault at once agree on one key', async (test) => {
  const database = await testDatabase(test);
  const vaults = await Promise.all([1, 2, 3, 4].map(() => openVault({ masterKey: testMasterKey, database })));
  const sealed = await Promise.all(vaults.map((vault) => vault.seal(plain, 'x')));
  for (const vault of vaults) for (const one of sealed) test.same(await vault.open(one, 'x'), plain);
});

t.test('a rotation that was killed goes on where it stopped, and only the new key boots afterwards', async (test) => {
  // a deployment of its own: the serving password changes, and the other test databases share theirs
  const url = await emptyDatabaseUrl(test);
  const open = (masterKey: Buffer) => openDatabase({ url, dataDir: '', masterKey, log: quietLog, poolMax: 3 });
  const [oldKey, newKey] = [testMasterKey, Buffer.alloc(32, 9)];
  const owners = Array.from({ length: 5 }, (_, index) => ({ tenantId: randomUUID(), pluginId: `plugin-${index}` }));

  const database = await open(oldKey);
  const vault = await openVault({ masterKey: oldKey, database });
  const secrets = openSecrets({ database, vault });
  for (const owner of owners) await secrets.set(owner, 'token', `value of ${owner.pluginId}`);
  // an envelope nobody can rewrap stops the second step
  const stray = { tenantId: randomUUID(), pluginId: 'stray' };
  await database.tenant(stray.tenantId, (em) =>
    statement(em, `insert into kernel.secrets (tenant_id, plugin_id, name, sealed) values ($1, 'stray', 'x', $2)`, [stray.tenantId, Buffer.alloc(140, 1)]));
  await test.rejects(vault.rotate(newKey), /does not have/);

  const between = await open(oldKey);
  const oldVault = await openVault({ masterKey: oldKey, database: between });
  for (const owner of owners) test.equal(await openSecrets({ database: between, vault: oldVault }).get(owner, 'token'), `value of ${owner.pluginId}`);
  await test.rejects(oldVault.rotate(Buffer.alloc(32, 5)), /under way/);
  await test.rejects(oldVault.rotate(oldKey), /present one/);
  await between.tenant(stray.tenantId, (em) => statement(em, `delete from kernel.secrets where plugin_id = 'stray'`));
  await oldVault.rotate(newKey);
  await Promise.all([between.close(), database.close()]);

  await test.rejects(open(oldKey), /MASTER_KEY/);
  const after = await open(newKey);
  const newVault = await openVault({ masterKey: newKey, database: after });
  for (const owner of owners) test.equal(await openSecrets({ database: after, vault: newVault }).get(owner, 'token'), `value of ${owner.pluginId}`);
  const ids = await after.system((em) => statement<{ id: string }>(em, `select distinct encode(substring(sealed from 2 for 16), 'hex') as id from kernel.secrets`));
  const active = await after.system((em) => statement<{ id: string }>(em, 'select id from kernel.vault_keys where active'));
  test.same(ids, active);
  await after.close();
});
