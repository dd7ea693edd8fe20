import { Client } from 'pg';
import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { delivers, event, job, openNode, provenance, runsJobs, subscriber, tenantA, until } from '../../test/support/messaging.ts';
import { enter, listen, token } from '../../test/support/sockets.ts';

t.test('when the database drops every connection, again and again, nothing that was acknowledged is lost', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database, { pollMs: 100, claimMs: 2_000 });
  const heard = new Set<unknown>();
  const ran = new Set<unknown>();
  await node.events.start(delivers((stored) => heard.add(stored.payload['n']), [subscriber({ retryLimit: 20 })]));
  await node.jobs.start(runsJobs(({ data }) => void ran.add(data['n'])));
  const { url } = await listen(t, node);
  const client = await enter(t, url, token('anna', tenantA));

  const acknowledged = { events: new Set<number>(), jobs: new Set<number>() };
  const cut = async (): Promise<void> => {
    const login = new Client({ connectionString: database.servingUrl });
    await login.connect();
    await login.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()`);
    await login.end();
  };
  for (let n = 0; n < 300; n += 1) {
    if (n % 60 === 30) await cut();
    await node.events.emit(event({ n }, { realtime: 'test:tick', provenance: provenance(tenantA) })).then(() => acknowledged.events.add(n), () => undefined);
    await node.jobs.send(job({ n }, { retryLimit: 20 })).then(() => acknowledged.jobs.add(n), () => undefined);
  }
  t.ok(acknowledged.events.size > 200 && acknowledged.jobs.size > 200, 'the outages were short');
  await until(() => acknowledged.events.isSubsetOf(heard), 20_000);
  await until(() => acknowledged.jobs.isSubsetOf(ran), 20_000);
  await until(() => acknowledged.events.isSubsetOf(new Set(client.of('test:tick').map((frame) => frame.data['n']))), 20_000);
  const ids = client.of('test:tick').map((frame) => Number(frame.id));
  t.same(ids, ids.toSorted((a, b) => a - b), 'in order');
  t.equal(new Set(ids).size, ids.length, 'none twice');
});
