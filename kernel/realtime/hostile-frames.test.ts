import { connect } from 'node:net';
import t from 'tap';
import { type Teardown, testDatabase } from '../../test/support/database.ts';
import { delivers, openNode, tenantA, until } from '../../test/support/messaging.ts';
import { enter, listen, TestSocket, token } from '../../test/support/sockets.ts';
import { createFrameMeter } from './limits.ts';

const anna = token('anna', tenantA);
const node = await openNode(t, await testDatabase(t));
await node.events.start(delivers(() => undefined, []));

/** A socket that came before keeps working after what happened. */
async function unharmed(t: Teardown, url: string, act: () => Promise<void>): Promise<void> {
  const witness = await enter(t, url, token('witness', tenantA));
  await act();
  await node.events.publish({ tenantId: tenantA, to: { user: 'witness' }, event: 'test:after', data: {} });
  await witness.next('test:after');
}

t.test('frames that make no sense are answered and the socket lives on', async (t) => {
  const { url } = await listen(t, node, { limits: { frameBurst: 1_000 } });
  await unharmed(t, url, async () => {
    const client = await enter(t, url, anna);
    const bad = [
      'not json', '', '[]', 'null', '7', '"x"', '{}', '{"event":"drop table"}', '{"event":"join"}', '{"event":"join","data":[]}', '{"event":"join","data":{"room":"../../etc"}}',
      '{"event":"join","data":{"room":7}}', '{"event":"join","data":{"room":"document:1","lastId":"-1"}}', '{"event":"join","data":{"room":"document:1","lastId":1e999}}',
      '{"event":"__proto__"}', '{"event":"ping","ref":{}}', `${'['.repeat(4_000)}`, '{"event":"join","data":{"__proto__":{"room":"a:b"}}}',
    ];
    for (const text of bad) client.socket.send(text);
    await client.next('error', bad.length);
    for (const frame of client.of('error')) t.match(frame, { id: null, data: { error: 'VALIDATION_ERROR', message: String, details: Object, requestId: String } });
    client.send('authenticate', { token: anna }, 'again');
    t.match(await client.next('error', bad.length + 1), { data: { error: 'CONFLICT' }, ref: 'again' });
    client.send('ping', {}, 'p');
    t.match(await client.next('pong'), { ref: 'p' });
    t.equal(client.closed, null);
  });
});

t.test('a frame that is too large, binary, or not WebSocket at all ends that socket only', async (t) => {
  const { url } = await listen(t, node, { limits: { maxFrameBytes: 1_000 } });
  await unharmed(t, url, async () => {
    const huge = await enter(t, url, anna);
    huge.socket.send(JSON.stringify({ event: 'ping', ref: 'x'.repeat(2_000) }));
    t.match(await huge.end(), { code: 1009 });
    const binary = await enter(t, url, anna);
    binary.socket.send(Buffer.from([1, 2, 3]));
    t.match(await binary.end(), { code: 1003 });
    const { hostname, port } = new URL(url);
    const raw = connect(Number(port), hostname);
    let reply = '';
    raw.on('data', (chunk) => (reply += chunk.toString('latin1')));
    raw.on('error', () => undefined);
    raw.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
    await until(() => reply.includes('101'));
    // an unmasked frame with reserved bits
    raw.write(Buffer.from([0xf1, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
    await until(() => raw.destroyed || raw.readableEnded);
    raw.destroy();
  });
});

t.test('a flood of frames closes the socket', async (t) => {
  const { url } = await listen(t, node);
  await unharmed(t, url, async () => {
    const client = await enter(t, url, anna);
    for (let n = 0; n < 500; n += 1) client.send('ping');
    t.match(await client.next('disconnect'), { data: { reason: 'flood' } });
    t.match(await client.end(), { code: 4006 });
    t.ok(client.of('pong').length <= 60);
  });
  let now = 0;
  const meter = createFrameMeter({ frameBurst: 2, framesPerSecond: 1 }, () => now);
  t.same([meter.take(), meter.take(), meter.take()], [true, true, false]);
  now = 2_500;
  t.equal(meter.take(), true);
});

t.test('a client that does not read is cut off, others are not delayed, and it can resume', async (t) => {
  const { url } = await listen(t, node, { limits: { maxBufferedBytes: 100_000 } });
  await unharmed(t, url, async () => {
    const slow = await enter(t, url, anna);
    slow.socket.pause();
    const pad = 'x'.repeat(50_000);
    let sent = 0;
    for (const deadline = Date.now() + 20_000; slow.socket.readyState === slow.socket.OPEN && Date.now() < deadline; ) {
      if (sent >= 300) break;
      await Promise.all(Array.from({ length: 20 }, () => node.events.publish({ tenantId: tenantA, to: { user: 'anna' }, event: 'test:big', data: { n: (sent += 1), pad } })));
    }
    // also handed out: what is handed out later arrives at once, and may be too much at once for who comes back
    await until(async () => (await node.fanOut.log.end()) >= BigInt(sent) && node.fanOut.position() >= (await node.fanOut.log.end()));
    slow.socket.resume();
    t.match(await slow.end(), {});
    const seen = slow.of('test:big');
    t.ok(seen.length < sent, `saw ${seen.length} of ${sent}`);
    const back = await enter(t, url, anna, { lastId: seen.at(-1)?.id ?? '0' });
    await until(() => back.of('test:big').length === sent - seen.length, 20_000);
    const all = [...seen, ...back.of('test:big')].map((frame) => Number(frame.id));
    t.same(all, all.toSorted((a, b) => a - b), 'in order');
    t.equal(new Set(all).size, sent, 'none twice, none lost');
  });
});

t.test('a principal has so many sockets, a socket so many rooms, a node so many strangers', async (t) => {
  const { url } = await listen(t, node, { limits: { maxSocketsPerPrincipal: 2, maxRooms: 2, maxAnonymous: 3 } });
  await unharmed(t, url, async () => {
    const [one, two] = [await enter(t, url, anna), await enter(t, url, anna)];
    const third = new TestSocket(t, url, { authorization: `Bearer ${anna}` });
    t.match(await third.next('disconnect'), { data: { reason: 'too-many-sockets' } });
    one.socket.terminate();
    await one.end();
    await until(async () => {
      const again = new TestSocket(t, url, { authorization: `Bearer ${anna}` });
      await until(() => again.of('authenticate').length > 0 || again.of('disconnect').length > 0);
      return again.of('authenticate').length > 0;
    });
    for (const id of [1, 2, 3]) two.send('join', { room: `document:${id}` });
    t.match(await two.next('error'), { data: { error: 'QUOTA_EXCEEDED' } });
    t.equal(two.of('join').length, 2);
    const strangers = [1, 2, 3].map(() => new TestSocket(t, url));
    for (const stranger of strangers) await stranger.next('connection');
    const refused = new TestSocket(t, url);
    let status = 0;
    refused.socket.on('unexpected-response', (_request, response) => (status = response.statusCode ?? 0));
    await until(() => status !== 0);
    t.ok(status >= 400, `${status}`);
    for (const stranger of strangers) stranger.socket.terminate();
  });
});

t.test('a socket that answers no ping is closed', async (t) => {
  const { url } = await listen(t, node, { limits: { heartbeatMs: 100 } });
  const client = new TestSocket(t, url);
  client.socket.pong = () => undefined;
  const alive = await enter(t, url, anna);
  t.match(await client.end(), {});
  t.match(client.of('disconnect')[0], { data: { reason: 'no-heartbeat', resume: true } });
  t.equal(alive.closed, null);
});
