import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import type { RouteManifest } from '@proofpix/sdk';
import { type Call, memoryBackend, type MemoryBackend } from '../testing/fakes.ts';
import { exchange, startServer, until } from '../testing/start.ts';

const upload: RouteManifest = { name: 'notes.patchUpload', method: 'PATCH', path: '/api/notes/uploads/:id', access: 'public', status: 204, body: { kind: 'upload', maxBytes: 1_000 } };
const head: RouteManifest = { name: 'notes.getUpload', method: 'GET', path: '/api/notes/uploads/:id', access: 'public' };
const octets = 'application/offset+octet-stream';

async function start(test: Parameters<typeof startServer>[0], backend: MemoryBackend, options: { route?: Partial<RouteManifest>; cell?: object; corsOrigins?: string[] } = {}) {
  const started = await startServer(test, {}, options.corsOrigins === undefined ? {} : { corsOrigins: options.corsOrigins });
  const cell = await started.enable([{ ...upload, ...options.route }, head], backend, { cell: options.cell ?? {} });
  return { ...started, cell, ...(await started.listen()) };
}

const done = () => ({ status: 204, headers: { 'upload-offset': '5', 'tus-resumable': '1.0.0', 'set-cookie': 'a=b' } });
const preamble = (length: number): string => `PATCH /api/notes/uploads/u1 HTTP/1.1\r\nHost: x\r\nContent-Type: ${octets}\r\nUpload-Offset: 0\r\nContent-Length: ${length}\r\n\r\n`;

t.test('more than the limit is refused, announced or not, and leaves nothing', async (test) => {
  const backend = memoryBackend(done, {
    async upload(_scope, init, content) {
      let sizeBytes = 0;
      for await (const chunk of content) {
        sizeBytes += chunk.length;
        if (sizeBytes > init.maxBytes) throw (await import('@proofpix/sdk')).PayloadTooLarge();
      }
      return { handle: 'h', sizeBytes };
    },
  });
  const { url, port } = await start(test, backend);
  const announced = await fetch(`${url}/api/notes/uploads/u1`, { method: 'PATCH', body: 'x'.repeat(1_001) });
  test.match([announced.status, await announced.json()], [413, { error: 'PAYLOAD_TOO_LARGE', details: { field: 'body', maxBytes: 1_000 } }]);
  const chunked = `PATCH /api/notes/uploads/u1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${`200\r\n${'x'.repeat(512)}\r\n`.repeat(3)}0\r\n\r\n`;
  test.match(await exchange(port, [chunked], { enough: (received) => received.includes('}') }), /^HTTP\/1\.1 413 [\s\S]*PAYLOAD_TOO_LARGE/);
  test.equal(backend.calls.length, 0);
});

t.test('any content type, none, and an empty body arrive as one file that ends with the request', async (test) => {
  const backend = memoryBackend(done);
  const { url } = await start(test, backend);
  const types = [octets, 'application/json', 'multipart/form-data; boundary=x', 'text/plain'];
  for (const type of types) {
    const reply = await fetch(`${url}/api/notes/uploads/u1`, { method: 'PATCH', body: '{"a":', headers: { 'content-type': type, 'upload-offset': '0' } });
    test.equal(reply.status, 204, type);
    test.match(Object.fromEntries(reply.headers), { 'upload-offset': '5', 'tus-resumable': '1.0.0' });
    test.equal(reply.headers.get('set-cookie'), null);
  }
  for (const body of [new Blob(['12345']), undefined]) test.equal((await fetch(`${url}/api/notes/uploads/u1`, { method: 'PATCH', ...(body === undefined ? {} : { body }) })).status, 204);
  test.match(backend.calls[0], { input: { params: { id: 'u1' }, body: null, rawBase64: null, headers: { 'upload-offset': '0', 'content-type': octets }, files: [{ field: 'body', filename: '', complete: true, sizeBytes: 5 }] } });
  test.equal(backend.calls.at(-1)?.input.files[0]?.['sizeBytes'], 0);
  await until(() => backend.discarded.length === 6, 'the discards');
});

t.test('what had arrived when the client broke off reaches the handler, which nobody cancels', async (test) => {
  let finish: () => void = () => undefined;
  let aborted: boolean | undefined;
  let arrived = 0;
  const answer = async ({ scope }: Call): Promise<ReturnType<typeof done>> => {
    await new Promise<void>((resolve) => (finish = resolve));
    aborted = scope.signal.aborted;
    return done();
  };
  const backend = memoryBackend(answer, {
    async upload(_scope, _init, content) {
      for await (const chunk of content) arrived += chunk.length;
      return { handle: 'part', sizeBytes: arrived };
    },
  });
  const { port, cell, log, url } = await start(test, backend);
  const socket = connect(port, '127.0.0.1');
  socket.write(`${preamble(900)}${'x'.repeat(300)}`);
  await until(() => arrived === 300, 'the bytes');
  socket.destroy();
  await until(() => backend.calls.length === 1, 'the handler');
  test.match(backend.calls[0]?.input.files, [{ complete: false, sizeBytes: 300 }]);
  await until(() => cell.inFlight() === 1, 'the end of the connection; the cell is kept for the handler');
  const drained = cell.drain(5_000);
  finish();
  await drained;
  test.equal(aborted, false);
  test.equal(backend.discarded.length, 1, 'what was not kept is dropped');
  test.notMatch(log.lines, [{ level: 'error' }]);
  test.equal((await fetch(`${url}/health/live`)).status, 200);
});

t.test('a client that leaves once it has sent everything cancels nothing either', async (test) => {
  let finish: () => void = () => undefined;
  let ended = false;
  const backend = memoryBackend(async ({ scope }) => {
    await new Promise<void>((resolve) => (finish = resolve));
    ended = !scope.signal.aborted;
    return { json: { offset: 3 } };
  });
  const { port, cell, log } = await start(test, backend, { route: { status: 200 } });
  const socket = connect(port, '127.0.0.1');
  socket.write(`${preamble(3)}abc`);
  await until(() => backend.calls.length === 1, 'the handler');
  socket.destroy();
  await until(() => cell.inFlight() === 1, 'the end of the connection');
  finish();
  await until(() => cell.inFlight() === 0, 'the end of the call');
  test.equal(ended, true);
  test.match(backend.calls[0]?.input.files, [{ complete: true }]);
  test.equal(backend.discarded.length, 1);
  test.same(log.lines.filter(({ level }) => level === 'error' || level === 'warn'), []);
});

t.test('a handler that fails after the client left harms nobody', async (test) => {
  const backend = memoryBackend(() => Promise.reject(new Error('no')));
  const { port, url } = await start(test, backend);
  const socket = connect(port, '127.0.0.1');
  socket.end(`${preamble(900)}x`);
  await until(() => backend.discarded.length === 1, 'the discard');
  test.equal((await fetch(`${url}/health/live`)).status, 200);
});

t.test('HEAD of a GET route has its headers and no body', async (test) => {
  const backend = memoryBackend(() => ({ headers: { 'upload-offset': '7', 'upload-length': '9', 'cache-control': 'no-store' }, json: { offset: 7 } }));
  const { url } = await start(test, backend);
  const reply = await fetch(`${url}/api/notes/uploads/u1`, { method: 'HEAD' });
  test.equal(reply.status, 200);
  test.match(Object.fromEntries(reply.headers), { 'upload-offset': '7', 'upload-length': '9', 'cache-control': 'no-store' });
  test.equal(await reply.text(), '');
});

t.test('a page of an allowed origin may send and see what resuming takes', async (test) => {
  const { url } = await start(test, memoryBackend(done), { corsOrigins: ['https://app.example'] });
  const origin = 'https://app.example';
  const asked = 'upload-offset,upload-length,upload-metadata,tus-resumable,content-type,x-api-key';
  const preflight = await fetch(`${url}/api/notes/uploads/u1`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': asked } });
  test.equal(preflight.status, 204);
  test.match(preflight.headers.get('access-control-allow-methods'), /PATCH/);
  for (const name of asked.split(',')) test.ok(preflight.headers.get('access-control-allow-headers')?.includes(name), name);
  const reply = await fetch(`${url}/api/notes/uploads/u1`, { method: 'PATCH', body: 'x', headers: { origin } });
  const exposed = (reply.headers.get('access-control-expose-headers') ?? '').split(', ');
  for (const name of ['upload-offset', 'upload-length', 'upload-expires', 'tus-resumable', 'tus-version', 'tus-extension', 'tus-max-size', 'location']) test.ok(exposed.includes(name), name);
});

t.test('a large body streams in constant memory', async (test) => {
  const size = 192 * 1_048_576;
  const hash = createHash('sha256');
  let peak = 0;
  const backend = memoryBackend(done, {
    async upload(_scope, _init, content) {
      for await (const chunk of content) {
        hash.update(chunk);
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      }
      return { handle: 'big' };
    },
  });
  const { url } = await start(test, backend, { route: { body: { kind: 'upload', maxBytes: 300_000_000 } }, cell: { maxFileBytes: 300_000_000 } });
  const expected = createHash('sha256');
  const chunk = Buffer.alloc(65_536, 7);
  const before = process.memoryUsage().arrayBuffers;
  const status = await new Promise<number>((resolve, reject) => {
    const request = httpRequest(`${url}/api/notes/uploads/u1`, { method: 'PATCH', headers: { 'content-type': octets } }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    request.on('error', reject);
    let sent = 0;
    const more = (): void => {
      while (sent < size) {
        sent += chunk.length;
        expected.update(chunk);
        if (!request.write(chunk)) return void request.once('drain', more);
      }
      request.end();
    };
    more();
  });
  test.equal(status, 204);
  test.equal(hash.digest('hex'), expected.digest('hex'));
  test.ok(peak - before < 96 * 1_048_576, `${Math.round((peak - before) / 1_048_576)} MiB of buffers at the peak`);
});
