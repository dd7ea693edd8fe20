import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { delivers, event, openNode, provenance, settled, subscriber, tenantA, tenantB, until } from '../../test/support/messaging.ts';
import type { StoredEvent } from './contract.ts';

t.test('a rolled-back transaction emits nothing', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database);
  const heard: StoredEvent[] = [];
  await node.events.start(delivers((stored) => heard.push(stored)));
  await t.rejects(
    database.tenant(tenantA, async (em) => {
      await node.events.emit(event({ n: 1 }), em);
      await node.events.publish({ tenantId: tenantA, to: { tenant: true }, event: 'a:b', data: {} }, em);
      throw new Error('rolled back');
    }),
    { message: 'rolled back' },
  );
  await node.events.emit(event({ n: 2 }));
  await until(() => heard.length > 0);
  await settled(node);
  t.same(heard.map((stored) => stored.payload), [{ n: 2 }]);
  t.equal(await node.fanOut.log.end(), 0n, 'and no message');
});

t.test('a tenant cannot write an event for another one', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database);
  await t.rejects(database.tenant(tenantB, (em) => node.events.emit(event(), em)), /row-level security/);
  const [row] = await node.pool.query<{ left: string }>('select count(*) as left from kernel.outbox');
  t.equal(row?.left, '0');
});

t.test('a committed transaction emits what it wrote, in order, with id and provenance', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database, { pollMs: 60_000 });
  const heard: StoredEvent[] = [];
  await node.events.start(delivers((stored) => heard.push(stored)));
  const from = provenance(tenantA, { traceId: 'abc', hop: 3, chain: ['x', 'source'], bounds: ['jobs'] });
  const ids = await database.tenant(tenantA, async (em) => {
    const first = await node.events.emit(event({ n: 1 }, { provenance: from }), em);
    t.equal(heard.length, 0, 'not before the commit');
    return [first.id, (await node.events.emit(event({ n: 2 }, { provenance: from }), em)).id];
  });
  await until(() => heard.length === 2);
  t.same(heard.map((stored) => stored.id).toSorted(), ids.toSorted());
  t.match(heard.find((stored) => stored.id === ids[0]), { pluginId: 'source', name: 'source.happened', payload: { n: 1 }, provenance: from, realtime: null });
  t.match(heard[0]?.emittedAt, /^\d{4}-\d\d-\d\dT.*Z$/);
});

t.test('each subscriber gets its own delivery, and a failing one is tried again with the same id', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database);
  const heard: string[] = [];
  await node.events.start(
    delivers((stored, attempt, to) => {
      heard.push(`${to.pluginId}#${attempt}:${stored.id}`);
      if (to.pluginId === 'flaky' && attempt === 1) throw new Error('first try');
    }, [subscriber({ pluginId: 'steady' }), subscriber({ pluginId: 'flaky', retryLimit: 3 })]),
  );
  const { id } = await node.events.emit(event());
  await until(() => heard.length === 3);
  await settled(node);
  t.same(heard.toSorted(), [`flaky#1:${id}`, `flaky#2:${id}`, `steady#1:${id}`]);
  t.same(await node.jobs.deadLetters(null, 10), []);
});

t.test('after its last try a delivery is a dead letter, which can be redriven', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database);
  const heard: number[] = [];
  let broken = true;
  await node.events.start(
    delivers((_stored, attempt) => {
      heard.push(attempt);
      if (broken) throw Object.assign(new Error('still broken'), { code: 'BROKEN', kind: 'conflict' });
    }, [subscriber({ name: 'on-happened', retryLimit: 0 })]),
  );
  await node.events.emit(event());
  await until(async () => (await node.jobs.deadLetters(tenantA, 10)).length === 1);
  const [letter] = await node.jobs.deadLetters(tenantA, 10);
  t.match(letter, { pluginId: 'listener', name: 'on-happened', error: 'BROKEN: still broken' });
  t.same(await node.jobs.deadLetters(tenantB, 10), [], 'not for another tenant');
  t.equal(await node.jobs.redrive('0199a000-0000-7000-8000-0000000000ff'), false);
  broken = false;
  t.equal(await node.jobs.redrive(letter?.id ?? ''), true);
  await until(() => heard.length === 2);
  await settled(node);
  t.same(await node.jobs.deadLetters(null, 10), []);
});

t.test('above the hop limit an event is a dead letter that names the cycle', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database);
  let heard = 0;
  await node.events.start(delivers(() => (heard += 1)));
  await node.events.emit(event({}, { pluginId: 'ping', provenance: provenance(tenantA, { hop: 17, chain: ['ping', 'pong', 'ping'] }) }));
  await until(async () => (await node.jobs.deadLetters(tenantA, 10)).length === 1);
  t.match((await node.jobs.deadLetters(tenantA, 10))[0], { pluginId: 'ping', name: 'source.happened', error: /HOP_LIMIT.*ping → pong → ping/ });
  t.equal(heard, 0);
  await node.events.emit(event({}, { provenance: provenance(tenantA, { hop: 16, chain: ['ping', 'pong'] }) }));
  await until(() => heard === 1);
});

t.test('a directory that throws costs that event alone', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database);
  const heard: StoredEvent[] = [];
  await node.events.start({
    subscribersOf(_tenantId, name) {
      if (name === 'source.cursed') throw new Error('no directory');
      return [subscriber()];
    },
    deliver: async (_to, stored) => void heard.push(stored),
  });
  await node.events.emit(event({}, { name: 'source.cursed' }));
  await node.events.emit(event());
  await until(() => heard.length === 1);
  t.equal((await node.jobs.deadLetters(tenantA, 10)).length, 1);
});

t.test('two nodes share the work: every event once, also those of a node that does not dispatch', async (t) => {
  const database = await testDatabase(t);
  const [one, two, silentNode] = [await openNode(t, database), await openNode(t, database), await openNode(t, database)];
  const heard: string[] = [];
  const by = { one: 0, two: 0 };
  await one.events.start(delivers(async (stored) => (heard.push(String(stored.payload['n'])), (by.one += 1))));
  await two.events.start(delivers(async (stored) => (heard.push(String(stored.payload['n'])), (by.two += 1))));
  const total = 600;
  const emitters = [one, two, silentNode];
  await Promise.all(Array.from({ length: total }, (_, n) => emitters[n % 3]?.events.emit(event({ n }))));
  await until(() => heard.length >= total);
  await settled(one);
  t.equal(heard.length, total);
  t.equal(new Set(heard).size, total);
  t.ok(by.one > 0 && by.two > 0, `both work: ${JSON.stringify(by)}`);
});

t.test('when the outbox is too far behind, emitting is refused until it is read', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database, { maxBacklog: 10, pollMs: 20 });
  for (let n = 0; n < 11; n += 1) await node.events.emit(event({ n }));
  let open: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const heard: number[] = [];
  const lock = node.pool.transaction(async (query) => {
    await query('select pg_advisory_xact_lock($1)', [7_206_150_004]);
    await gate;
  });
  await node.events.start(delivers(() => heard.push(1)));
  await until(() => node.events.emit(event()).then(() => false, (error: { code?: string }) => error.code === 'UNAVAILABLE'));
  open?.();
  await lock;
  await until(() => node.events.emit(event()).then(() => true, () => false));
});
