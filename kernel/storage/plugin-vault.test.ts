import { randomUUID } from 'node:crypto';
import t from 'tap';
import { testDatabase, testMasterKey } from '../../test/support/database.ts';
import { statement } from '../database/statement.ts';
import { openPluginVault } from './plugin-vault.ts';
import { openSecrets } from './secrets.ts';
import { openVault } from './vault.ts';

const database = await testDatabase(t);
const vault = await openVault({ masterKey: testMasterKey, database });
const plugins = openPluginVault({ database, vault });
const owner = { tenantId: randomUUID(), pluginId: 'files' };
const invalid = { code: 'SEAL_INVALID', kind: 'invalid' };

t.test('nothing opens for another tenant, plugin or context, nor once it was changed', async (test) => {
  const sealed = await plugins.seal(owner, 'a secret', 'record 1');
  await test.rejects(plugins.open(owner, sealed, 'record 2'), invalid);
  for (const other of [{ ...owner, tenantId: randomUUID() }, { ...owner, pluginId: 'teams' }]) {
    await test.rejects(plugins.open(other, sealed, 'record 1'), invalid, 'before it has a key');
    await plugins.seal(other, 'x', 'x');
    await test.rejects(plugins.open(other, sealed, 'record 1'), invalid, 'with a key of its own');
  }
  for (const at of [0, 10, 40, 100, sealed.length - 2]) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
    await test.rejects(plugins.open(owner, changed, 'record 1'), invalid, `changed at ${at}`);
  }
  for (const junk of ['', 'x', '\u0000', 'A'.repeat(200_000), sealed.slice(0, -4)]) await test.rejects(plugins.open(owner, junk, 'record 1'), invalid);
});

t.test('what was sealed comes back, is different each time, and a copied key row is of no use', async (test) => {
  const plain = `naïve 😀 ${'x'.repeat(65_000)}`;
  const [one, two] = await Promise.all([plugins.seal(owner, plain, 'c'), plugins.seal(owner, plain, 'c')]);
  test.not(one, two);
  test.match(one, /^[A-Za-z0-9_-]+$/);
  test.notOk(Buffer.from(one, 'base64url').includes('naïve'));
  test.equal(await plugins.open(owner, one, 'c'), plain);
  test.equal(await plugins.open(owner, two, 'c'), plain);
  const thief = { tenantId: randomUUID(), pluginId: 'files' };
  await database.system((em) => statement(em, `insert into kernel.secrets (tenant_id, plugin_id, name, sealed) select $1, plugin_id, name, sealed from kernel.secrets where tenant_id = $2`, [thief.tenantId, owner.tenantId]));
  await test.rejects(plugins.open(thief, one, 'c'), { code: 'INTERNAL_SERVER_ERROR' });
});

t.test('the first seals of many nodes at once make one key', async (test) => {
  const fresh = { tenantId: randomUUID(), pluginId: 'files' };
  const nodes = Array.from({ length: 6 }, () => openPluginVault({ database, vault }));
  const sealed = await Promise.all(nodes.map((node, at) => node.seal(fresh, `value ${at}`, 'c')));
  for (const [at, one] of sealed.entries()) test.equal(await (nodes[5 - at] ?? plugins).open(fresh, one, 'c'), `value ${at}`);
});

t.test('a purge of the tenant’s secrets makes all of it unreadable, and sealing goes on with a new key', async (test) => {
  const sealed = await plugins.seal(owner, 'gone', 'c');
  await openSecrets({ database, vault }).purge(owner);
  await test.rejects(plugins.open(owner, sealed, 'c'), invalid);
  test.equal(await plugins.open(owner, await plugins.seal(owner, 'new', 'c'), 'c'), 'new');
  await test.rejects(plugins.open(owner, sealed, 'c'), invalid);
});
