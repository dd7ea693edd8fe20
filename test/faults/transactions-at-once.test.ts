import { Client } from 'pg';
import t from 'tap';
import { until } from '../support/messaging.ts';
import { testServer } from '../support/server.ts';
import { entries } from './crash/entries.ts';

/**
 * More transactions than there are connections, all held up. What the host does for one of them (its quotas, its
 * outbox) takes a connection of its own at times, so transactions may never hold them all.
 */
const server = await testServer(t, { entries });
const user = await server.register();
const admin = new Client({ connectionString: server.databaseUrl });
await admin.connect();
t.teardown(() => admin.end());

t.test('transactions that wait for a lock leave connections for what the host does for them', async (t) => {
  t.match(await user.send('POST', '/api/ledger/both', { key: 'warm' }), { status: 201 });
  await admin.query('begin; lock table plugin_ledger.entries in access exclusive mode');
  const replies = Promise.all(Array.from({ length: 60 }, (_, at) => user.send('POST', '/api/ledger/both', { key: `key ${at}` })));
  // long enough for what the host knew of its quotas to be out of date
  await until(async () => {
    const { rows } = await admin.query<{ waiting: number; longest: number }>(
      'select count(*)::int as waiting, coalesce(extract(epoch from max(clock_timestamp() - waitstart)), 0)::float8 as longest from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())',
    );
    return rows[0]!.waiting >= 10 && rows[0]!.longest > 1.5;
  });
  t.match(await user.send('GET', '/api/auth/me'), { status: 200 }, 'others are served');
  await admin.query('commit');
  t.strictSame((await replies).filter(({ status }) => status !== 201).map(({ body }) => body), []);
});
