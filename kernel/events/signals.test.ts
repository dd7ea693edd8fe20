import { Client } from 'pg';
import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { silent, until } from '../../test/support/messaging.ts';
import { roleNames } from '../database/role-names.ts';
import { type OpenSignals, openSignals } from './signals.ts';
import { openSystemPool } from './system-pool.ts';

const database = await testDatabase(t);
const pool = openSystemPool({ servingUrl: database.servingUrl, role: roleNames(database.prefix).system, log: silent });
t.teardown(() => pool.close());

async function open(rereadMs = 50): Promise<OpenSignals> {
  const signals = await openSignals({ servingUrl: database.servingUrl, pool, log: silent, rereadMs });
  t.teardown(() => signals.close());
  return signals;
}

t.test('a signal of a rolled-back transaction is never heard', async (t) => {
  const [here, there] = [await open(), await open()];
  const heard: string[] = [];
  there.on('undone', () => heard.push('undone'));
  there.on('after', () => heard.push('after'));
  await t.rejects(database.system(async (em) => {
    await here.raise('undone', em);
    throw new Error('no');
  }));
  await here.raise('after');
  await until(() => heard.length > 0);
  t.same(heard, ['after']);
});

t.test('other nodes hear a signal after the commit, from a tenant transaction too', async (t) => {
  const [here, there] = [await open(60_000), await open(60_000)];
  let heard = 0;
  there.on('topic', () => (heard += 1));
  await database.tenant('0199a000-0000-7000-8000-00000000000a', async (em) => {
    await here.raise('topic', em);
    t.equal(heard, 0);
  });
  await until(() => heard === 1);
});

t.test('a poke reaches the others and not the poker', async (t) => {
  const [here, there] = [await open(60_000), await open(60_000)];
  const heard: string[] = [];
  here.on('hot', () => heard.push('here'));
  there.on('hot', () => heard.push('there'));
  for (let i = 0; i < 100; i += 1) here.poke('hot');
  await until(() => heard.length > 0);
  await here.raise('last');
  t.ok(heard.every((who) => who === 'there'));
  t.ok(heard.length <= 3, `coalesced: ${heard.length}`);
});

t.test('what was raised while the connection was gone is heard after the reconnect', async (t) => {
  const [here, there] = [await open(), await open(60_000)];
  let heard = 0;
  there.on('gap', () => (heard += 1));
  const login = new Client({ connectionString: database.servingUrl });
  await login.connect();
  const cut = await login.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'proofpix-signals' and datname = current_database()`);
  await login.end();
  t.ok((cut.rowCount ?? 0) >= 2);
  await here.raise('gap');
  await until(() => heard > 0);
});

t.test('a listener that throws harms nobody, and one taken off hears nothing', async (t) => {
  const [here, there] = [await open(), await open()];
  const heard: string[] = [];
  there.on('both', () => {
    throw new Error('bad listener');
  });
  const off = there.on('both', () => heard.push('off'));
  there.on('both', () => heard.push('on'));
  off();
  await here.raise('both');
  await until(() => heard.length > 0);
  t.same(heard, ['on']);
});
