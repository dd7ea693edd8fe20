import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { delivers, event, openNode, tenantA, tenantB, until } from '../../test/support/messaging.ts';
import { enter, listen, TestSocket, token } from '../../test/support/sockets.ts';
import type { OutgoingMessage } from '../events/contract.ts';
import type { Messaging } from '../events/open-messaging.ts';

const anna = token('anna', tenantA);
const message = (n: number, change: Partial<OutgoingMessage> = {}): OutgoingMessage => ({ tenantId: tenantA, to: { tenant: true }, event: 'test:tick', data: { n }, ...change });
const started = async (node: Messaging): Promise<Messaging> => {
  await node.events.start(delivers(() => undefined, []));
  return node;
};
const ticks = (client: TestSocket): unknown[] => client.of('test:tick').map((frame) => frame.data['n']);

t.test('without credentials, with bad ones, or with an ended token a socket hears nothing', async (t) => {
  const node = await started(await openNode(t, await testDatabase(t)));
  const { url } = await listen(t, node, { limits: { authenticateTimeoutMs: 200 } });
  const mute = new TestSocket(t, url);
  t.match(await mute.next('connection'), { data: { connectionId: String, retentionSeconds: 86_400 }, id: null });
  const early = new TestSocket(t, url);
  await early.next('connection');
  early.send('join', { room: 'document:1' }, 'r1');
  t.match(await early.next('error'), { data: { error: 'UNAUTHORIZED', requestId: String }, ref: 'r1' });
  const forged = new TestSocket(t, url);
  await forged.next('connection');
  forged.send('authenticate', { token: 'nonsense' });
  t.match(await forged.next('error'), { data: { error: 'UNAUTHORIZED' } });
  const stale = new TestSocket(t, url, { authorization: `Bearer ${token('anna', tenantA, { exp: 1 })}` });
  t.match(await stale.next('error'), { data: { error: 'UNAUTHORIZED' } });
  await node.events.publish(message(1));
  t.match(await mute.end(), { code: 4002, reason: 'authenticate-timeout' });
  for (const client of [early, forged, stale]) {
    t.match(await client.next('disconnect'), { data: { reason: 'unauthenticated', resume: false } });
    t.match(await client.end(), { code: 4001 });
  }
  for (const client of [mute, early, forged, stale]) t.same(ticks(client), []);
});

t.test('messages reach the tenant, the user, the room or the deployment, and nobody else', async (t) => {
  const node = await started(await openNode(t, await testDatabase(t)));
  const { url } = await listen(t, node, { mayJoin: async (identity, room) => room === `document:${identity.principal.userId}` });
  const a = await enter(t, url, anna, { rooms: ['document:anna'] });
  const b = await enter(t, url, token('ben', tenantA));
  const other = await enter(t, url, token('carl', tenantB));
  const homeless = await enter(t, url, token('dora', null));
  b.send('join', { room: 'document:anna' }, 'j');
  t.match(await b.next('error'), { data: { error: 'FORBIDDEN', details: { room: 'document:anna' } }, ref: 'j' });
  const header = new TestSocket(t, url, { authorization: `Bearer ${anna}` });
  await header.next('authenticate');

  await node.events.publish(message(1));
  await node.events.publish(message(2, { to: { user: 'anna' } }));
  await node.events.publish(message(3, { to: { room: 'document:anna' } }));
  await node.events.publish(message(4, { tenantId: tenantB }));
  await node.events.publish(message(5, { tenantId: tenantB, to: { user: 'anna' } }));
  await node.events.publish(message(6, { tenantId: null, to: { deployment: true }, event: 'system:alert' }));
  await node.events.emit(event({ n: 7 }, { realtime: 'test:tick' }));
  await until(() => ticks(b).includes(7) && ticks(a).includes(7) && ticks(header).includes(7) && other.of('system:alert').length > 0);
  t.same(ticks(a), [1, 2, 3, 7]);
  t.same(ticks(header), [1, 2, 7]);
  t.same(ticks(b), [1, 7]);
  t.same(ticks(other), [4]);
  t.same(ticks(homeless), []);
  for (const client of [a, b, other, homeless]) t.equal(client.of('system:alert').length, 1);
  a.send('leave', { room: 'document:anna' });
  await a.next('leave');
  await node.events.publish(message(8, { to: { room: 'document:anna' } }));
  await node.events.publish(message(9));
  await until(() => ticks(a).includes(9));
  t.same(ticks(a), [1, 2, 3, 7, 9]);
});

t.test('a client that comes back on another node while messages flow misses none and gets none twice', async (t) => {
  const database = await testDatabase(t);
  const [one, two] = [await started(await openNode(t, database)), await started(await openNode(t, database))];
  const urls = [(await listen(t, one)).url, (await listen(t, two)).url];
  const total = 400;
  const send = async (): Promise<void> => {
    for (let n = 0; n < total; n += 1) await (n % 2 ? one : two).events.publish(message(n, n % 3 ? {} : { to: { room: 'document:7' } }));
  };
  const sending = send();
  const got: unknown[] = [];
  let lastId: string | undefined;
  for (let visit = 0; got.length < total && visit < 200; visit += 1) {
    const client = await enter(t, urls[visit % 2] ?? '', anna, { rooms: ['document:7'], lastId: lastId ?? '0' });
    await until(() => ticks(client).length >= 15 || got.length + ticks(client).length >= total);
    // cut without goodbye, in the middle of the stream
    client.socket.terminate();
    const seen = client.of('test:tick').slice(0, 15);
    got.push(...seen.map((frame) => frame.data['n']));
    lastId = seen.at(-1)?.id ?? lastId;
  }
  await sending;
  t.same(got, Array.from({ length: total }, (_, n) => n), 'all of them, in order');
});

t.test('who was away for longer than the log goes back is told so', async (t) => {
  const node = await started(await openNode(t, await testDatabase(t), { retentionMs: 3_600_000 }));
  const { url } = await listen(t, node);
  for (let n = 0; n < 5; n += 1) await node.events.publish(message(n));
  await until(async () => (await node.fanOut.log.end()) >= 5n);
  await node.pool.query(`update kernel.realtime_log set sent_at = now() - interval '2 hours' where data ->> 'n' in ('0', '1', '2')`);
  await node.fanOut.log.prune(3_600_000);
  t.equal(await node.fanOut.log.prunedThrough(), 3n);
  const late = await enter(t, url, anna, { lastId: '1' });
  t.match(await late.next('resume-failed'), { data: { reason: 'too-old', lastId: '1', retentionSeconds: 3_600 } });
  const justInTime = await enter(t, url, anna, { lastId: '3' });
  await until(() => ticks(justInTime).length === 2);
  t.same(ticks(justInTime), [3, 4]);
  const liar = await enter(t, url, anna, { lastId: '999999' });
  t.match(await liar.next('resume-failed'), { data: { reason: 'unknown-id' } });
  await node.events.publish(message(9));
  await until(() => [late, liar, justInTime].every((client) => ticks(client).includes(9)));
});

t.test('a room can be joined from an id on', async (t) => {
  const node = await started(await openNode(t, await testDatabase(t)));
  const { url } = await listen(t, node);
  const client = await enter(t, url, anna);
  for (let n = 0; n < 3; n += 1) await node.events.publish(message(n, { to: { room: 'document:1' } }));
  await until(async () => (await node.fanOut.log.end()) >= 3n);
  client.send('join', { room: 'document:1', lastId: '1' }, 'j');
  await until(() => ticks(client).length === 2);
  t.same(ticks(client), [1, 2]);
});

t.test('revocation, the end of the token and the end of the server close a socket and say why', async (t) => {
  const node = await started(await openNode(t, await testDatabase(t)));
  const { url, auth, app } = await listen(t, node);
  const gone = await enter(t, url, token('anna', tenantA, { credentialId: 's1' }));
  const stays = await enter(t, url, token('anna', tenantA, { credentialId: 's2' }));
  const elsewhere = await enter(t, url, token('anna', tenantB, { credentialId: 's3' }));
  auth.revoke({ credentialId: 's1' });
  t.match(await gone.next('disconnect'), { data: { reason: 'revoked', resume: false } });
  t.match(await gone.end(), { code: 4004 });
  auth.revoke({ userId: 'anna', tenantId: tenantB });
  t.match(await elsewhere.end(), { code: 4004 });
  t.equal(stays.closed, null);
  const short = await enter(t, url, token('ben', tenantA, { exp: Date.now() / 1_000 + 0.4 }));
  t.match(await short.next('disconnect'), { data: { reason: 'token-expired', resume: true } });
  const closing = app.close();
  t.match(await stays.next('disconnect'), { data: { reason: 'server-stopping', resume: true } });
  t.match(await stays.end(), { code: 1001 });
  await closing;
  await node.events.publish(message(1));
  t.same([gone, elsewhere, short].flatMap(ticks), []);
});
