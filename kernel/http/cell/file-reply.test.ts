import { createHash, randomBytes } from 'node:crypto';
import t from 'tap';
import type { RouteManifest } from '@proofpix/sdk';
import { memoryBackend } from '../testing/fakes.ts';
import { startServer } from '../testing/start.ts';
import { byteRange } from './byte-range.ts';
import { contentDisposition } from './content-disposition.ts';

const content = randomBytes(200_000);
const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
const route: RouteManifest = { name: 'files.get', method: 'GET', path: '/api/notes/:id', access: 'public' };

t.test('ranges, validators and HEAD', async (test) => {
  const { enable, listen } = await startServer(test);
  const backend = memoryBackend(({ input }) => ({ file: { id: input.params['id'] ?? '', filename: 'naïve "x".png', inline: true } }));
  backend.files.set('f', { content, mimeType: 'image/png' });
  backend.files.set('empty', { content: Buffer.alloc(0), mimeType: 'text/plain' });
  await enable([route], backend);
  const { url } = await listen();
  const get = (headers: Record<string, string> = {}, id = 'f', method = 'GET') => fetch(`${url}/api/notes/${id}`, { headers, method });

  test.equal((await get({}, 'missing')).status, 404);
  for (const range of ['bytes=200000-', 'bytes=-0', 'bytes=999999999-']) {
    const reply = await get({ range });
    test.match([reply.status, reply.headers.get('content-range'), await reply.json()], [416, 'bytes */200000', { error: 'RANGE_NOT_SATISFIABLE', details: { sizeBytes: 200_000 } }], range);
  }
  const ranges: [string, number, number][] = [['bytes=0-0', 0, 1], ['bytes=10-19', 10, 20], ['bytes=199990-', 199_990, 200_000], ['bytes=-5', 199_995, 200_000], ['bytes=-999999', 0, 200_000], ['bytes=5-999999999', 5, 200_000]];
  for (const [range, start, end] of ranges) {
    const reply = await get({ range });
    test.match([reply.status, reply.headers.get('content-range'), reply.headers.get('content-length')], [206, `bytes ${start}-${end - 1}/200000`, String(end - start)], range);
    test.ok(Buffer.from(await reply.arrayBuffer()).equals(content.subarray(start, end)), range);
  }
  for (const range of ['bytes=5-1', 'bytes=0-1,3-4', 'items=0-1', 'bytes=-', 'bytes=a-b']) {
    const reply = await get({ range });
    test.equal(reply.status, 200, `${range} is ignored`);
    test.ok(Buffer.from(await reply.arrayBuffer()).equals(content));
  }
  test.equal((await get({ range: 'bytes=0-0', 'if-range': etag })).status, 206);
  test.equal((await get({ range: 'bytes=0-0', 'if-range': '"other"' })).status, 200);
  test.equal((await get({ 'if-match': '"other"' })).status, 412);
  for (const tag of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
    const reply = await get({ 'if-none-match': tag, range: 'bytes=0-0' });
    test.match([reply.status, reply.headers.get('etag'), await reply.text()], [304, etag, '']);
  }
  test.equal((await get({ 'if-none-match': '"other"' })).status, 200);
  const head = await get({ range: 'bytes=0-9' }, 'f', 'HEAD');
  test.match([head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')], [200, '200000', 'bytes']);
  const whole = await get();
  test.match(whole.headers.get('content-disposition'), `inline; filename="na_ve _x_.png"; filename*=UTF-8''na%C3%AFve%20%22x%22.png`);
  test.match([whole.headers.get('content-type'), whole.headers.get('cache-control')], ['image/png', 'private, no-cache']);
  const empty = await get({}, 'empty');
  test.match([empty.status, empty.headers.get('content-length'), await empty.text()], [200, '0', '']);
});

async function* broken() {
  yield Buffer.alloc(10_000);
}

t.test('a store that breaks off breaks the connection, and does not pretend', async (test) => {
  const { enable, listen } = await startServer(test);
  const backend = memoryBackend(() => ({ file: { id: 'f' } }), {
    file: async () => ({ sizeBytes: 100_000, sha256: 'x', mimeType: 'image/png', open: async () => broken() }),
  });
  await enable([route], backend);
  const { url } = await listen();
  await test.rejects(fetch(`${url}/api/notes/f`).then((reply) => reply.arrayBuffer()));
  test.equal((await fetch(`${url}/health/live`)).status, 200);
});

async function* endless(ended: () => void) {
  try {
    for (;;) yield Buffer.alloc(65_536);
  } finally {
    ended();
  }
}

t.test('a client that leaves stops the store', async (test) => {
  const { enable, listen } = await startServer(test);
  const stopped = Promise.withResolvers<void>();
  const backend = memoryBackend(() => ({ file: { id: 'f' } }), {
    file: async () => ({
      sizeBytes: 1e12, sha256: 'x', mimeType: 'image/png',
      open: async () => endless(() => stopped.resolve()),
    }),
  });
  await enable([route], backend);
  const { url } = await listen();
  const controller = new AbortController();
  const reply = await fetch(`${url}/api/notes/f`, { signal: controller.signal });
  await reply.body?.getReader().read();
  controller.abort();
  await stopped.promise;
  test.pass('the iterator was closed');
});

const of = (filename: string, mimeType = 'image/png', inline = true): string => contentDisposition({ filename, inline, mimeType });

t.test('content disposition', async (test) => {
  test.equal(of('a.html', 'text/html'), 'attachment; filename="a.html"', 'what can run is downloaded');
  test.equal(of('a.svg', 'image/svg+xml'), 'attachment; filename="a.svg"');
  test.equal(of('../../etc/passwd'), 'inline; filename="passwd"');
  test.equal(of('a\r\nSet-Cookie: x.png'), 'inline; filename="aSet-Cookie: x.png"');
  test.equal(of('\u202egnp.exe'), 'inline; filename="gnp.exe"');
  test.equal(of(''), 'inline');
  test.match(of('\ud800.png'), /filename\*=UTF-8''%EF%BF%BD\.png$/);
  test.match(of('100% "sure".txt'), `filename="100_ _sure_.txt"; filename*=UTF-8''100%25%20%22sure%22.txt`);
});

t.test('byte ranges at the edges', async (test) => {
  test.equal(byteRange('bytes=0-', 0), 'unsatisfiable');
  test.equal(byteRange('bytes=-1', 0), 'unsatisfiable');
  test.equal(byteRange(`bytes=${'9'.repeat(30)}-`, 10), null);
  test.same(byteRange('BYTES=1-2', 10), { start: 1, end: 3 });
});
