import { randomUUID } from 'node:crypto';
import t from 'tap';
import { type Teardown, testDatabase, testMasterKey } from '../../test/support/database.ts';
import { statement } from '../database/statement.ts';
import { openSecrets } from './secrets.ts';
import { openVault } from './vault.ts';

async function open(test: Teardown) {
  const database = await testDatabase(test);
  return { database, secrets: openSecrets({ database, vault: await openVault({ masterKey: testMasterKey, database }) }) };
}

t.test('another tenant and another plugin have no such secret', async (test) => {
  const { secrets } = await open(test);
  const owner = { tenantId: randomUUID(), pluginId: 'mail' };
  await secrets.set(owner, 'password', 'x');
  for (const other of [{ ...owner, tenantId: randomUUID() }, { ...owner, pluginId: 'post' }]) {
    test.equal(await secrets.get(other, 'password'), null);
    test.equal(await secrets.has(other, 'password'), false);
    await secrets.set(other, 'password', null);
    await secrets.purge(other);
  }
  test.equal(await secrets.get(owner, 'password'), 'x');
});

t.test('a row that was copied to another tenant does not open', async (test) => {
  const { database, secrets } = await open(test);
  const owner = { tenantId: randomUUID(), pluginId: 'mail' };
  const thief = { tenantId: randomUUID(), pluginId: 'mail' };
  await secrets.set(owner, 'password', 'x');
  await database.system((em) => statement(em, 'insert into kernel.secrets (tenant_id, plugin_id, name, sealed) select $1, plugin_id, name, sealed from kernel.secrets', [thief.tenantId]));
  await test.rejects(secrets.get(thief, 'password'), { code: 'INTERNAL_SERVER_ERROR' });
});

t.test('bad names and values are refused', async (test) => {
  const { secrets } = await open(test);
  const owner = { tenantId: randomUUID(), pluginId: 'mail' };
  for (const name of ['', 'a\0b', 'x'.repeat(257), '\ud800']) await test.rejects(secrets.set(owner, name, 'x'), { code: 'VALIDATION_ERROR' });
  await test.rejects(secrets.set(owner, 'long', 'x'.repeat(65_537)), { code: 'VALIDATION_ERROR' });
});

t.test('a secret is set, replaced and removed; a transaction that fails leaves it alone', async (test) => {
  const { database, secrets } = await open(test);
  const owner = { tenantId: randomUUID(), pluginId: 'mail' };
  await secrets.set(owner, 'token', 'één');
  await secrets.set(owner, 'token', 'two');
  await test.rejects(database.tenant(owner.tenantId, async (em) => {
    await secrets.set(owner, 'token', 'three', em);
    throw new Error('no');
  }), /no/);
  test.equal(await secrets.get(owner, 'token'), 'two');
  const [row] = await database.system((em) => statement<{ sealed: Buffer }>(em, 'select sealed from kernel.secrets'));
  test.notOk(row?.sealed.includes('two'));
  await secrets.set(owner, 'token', null);
  test.equal(await secrets.has(owner, 'token'), false);
});
