import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import t from 'tap';
import type { Json, RouteManifest } from '@proofpix/sdk';
import { memoryBackend, type MemoryBackend } from '../testing/fakes.ts';
import { exchange, startServer, until } from '../testing/start.ts';

const route: RouteManifest = {
  name: 'notes.upload', method: 'POST', path: '/api/notes/upload', access: 'public', status: 201,
  body: { kind: 'multipart', maxFiles: 2, maxBytes: 1_000, fields: { type: 'object', properties: { count: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } }, options: { type: 'object', properties: { fast: { type: 'boolean' } }, additionalProperties: false } }, additionalProperties: false } },
};

async function start(test: Parameters<typeof startServer>[0], backend: MemoryBackend, given: Partial<RouteManifest> = {}, cell = {}) {
  const started = await startServer(test);
  await started.enable([{ ...route, ...given }], backend, { cell });
  return { ...started, ...(await started.listen()) };
}

const answer = () => ({ json: { ok: true } });

function form(parts: Record<string, string | Blob | [Blob, string]>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (Array.isArray(value)) made.append(name, value[0], value[1]);
    else made.append(name, value);
  }
  return made;
}

t.test('what a form may not be', async (test) => {
  const backend = memoryBackend(answer);
  const { url } = await start(test, backend);
  const file = new Blob(['x'.repeat(500)]);
  const cases: [string, FormData, number, string, string?][] = [
    ['a file over the limit', form({ f: new Blob(['x'.repeat(1_001)]) }), 413, 'PAYLOAD_TOO_LARGE', 'body.f'],
    ['too many files', form({ a: file, b: file, c: file }), 413, 'PAYLOAD_TOO_LARGE'],
    ['an oversized field', form({ count: '1'.repeat(70_000) }), 413, 'PAYLOAD_TOO_LARGE', 'body.count'],
    ['a field of another type', form({ f: file, count: 'many' }), 400, 'VALIDATION_ERROR', 'body.count'],
    ['an unknown field', form({ f: file, nope: '1' }), 400, 'VALIDATION_ERROR', 'body.nope'],
    ['options that are no JSON', form({ f: file, options: '{' }), 400, 'VALIDATION_ERROR', 'body.options'],
    ['options that poison', form({ f: file, options: '{"__proto__":{"a":1}}' }), 400, 'VALIDATION_ERROR', 'body.options'],
    ['unknown options', form({ f: file, options: '{"slow":true}' }), 400, 'VALIDATION_ERROR', 'body.options.slow'],
    ['a field named __proto__', form({ f: file, __proto__x: '1', ['__proto__']: '1' }), 400, 'VALIDATION_ERROR'],
    ['a file named constructor', form({ constructor: file }), 400, 'VALIDATION_ERROR'],
  ];
  for (const [name, body, status, code, field] of cases) {
    const reply = await fetch(`${url}/api/notes/upload`, { method: 'POST', body });
    const text = await reply.text();
    test.match([reply.status, JSON.parse(text)], [status, { error: code, ...(field === undefined ? {} : { details: { field } }) }], name);
  }
  test.equal(backend.calls.length, 0, 'the plugin was never called');
  test.strictSame(backend.discarded.toSorted(), [...backend.uploads.keys()].toSorted(), 'everything stored on the way was dropped');
});

t.test('files and fields arrive, and uploads end with the request', async (test) => {
  const backend = memoryBackend(({ input }) => ({ json: { files: input.files, body: input.body } as unknown as Json }));
  const { url } = await start(test, backend);
  const body = form({ file: [new Blob(['hello'], { type: 'text/plain' }), '../../h\u00e9llo.txt'], count: '3', options: '{"fast":true}' });
  body.append('tags', 'a');
  body.append('tags', 'b');
  const reply = await fetch(`${url}/api/notes/upload`, { method: 'POST', body });
  test.equal(reply.status, 201);
  test.match(await reply.json(), { files: [{ handle: 'handle-1', field: 'file', filename: 'h\u00e9llo.txt', sizeBytes: 5 }], body: { count: 3, options: { fast: true }, tags: ['a', 'b'] } });
  await until(() => backend.discarded.length === 1, 'the discard');
  test.strictSame(backend.discarded, ['handle-1']);
});

t.test('a form that reports oversized files goes on behind them, as long as it sends no more in vain than it may have', async (test) => {
  const backend = memoryBackend(({ input }) => ({ json: { files: input.files } as unknown as Json }));
  const { url } = await start(test, backend, { body: { kind: 'multipart', maxFiles: 3, maxBytes: 1_000, oversized: 'report' } });
  const send = async (body: FormData) => {
    const reply = await fetch(`${url}/api/notes/upload`, { method: 'POST', body });
    return { status: reply.status, body: (await reply.json()) as { files: { filename: string; error?: object }[] } };
  };
  const some = await send(form({ a: [new Blob(['first']), 'a'], b: [new Blob(['x'.repeat(150_000)], { type: 'text/plain' }), '../b'], c: [new Blob(['y'.repeat(1_000)]), 'c'] }));
  test.match(some, { status: 201, body: { files: [{ filename: 'a', sizeBytes: 5 }, { filename: 'b', field: 'b', handle: '', sizeBytes: 0, sha256: '', mimeType: 'text/plain', error: { code: 'PAYLOAD_TOO_LARGE', message: 'A file is too large.' } }, { filename: 'c', sizeBytes: 1_000 }] } });
  test.equal(some.body.files[2]?.error, undefined);
  test.same([...backend.uploads.values()].map((bytes) => bytes.length), [5, 1_000], 'nothing of it is stored');
  // (1,000 + 65,536) × 3
  test.match(await send(form({ a: new Blob(['x'.repeat(120_000)]), b: new Blob(['x'.repeat(120_000)]) })), { status: 413, body: { error: 'PAYLOAD_TOO_LARGE' } });
  test.match(await send(form({ a: new Blob(['x']), b: new Blob(['x']), c: new Blob(['x']), d: new Blob(['x']) })), { status: 413 });
  await until(() => backend.discarded.length === backend.uploads.size, 'the discards');
});

t.test("the store's own refusal is passed on", async (test) => {
  const { PayloadTooLarge } = await import('@proofpix/sdk');
  const backend = memoryBackend(answer, { upload: () => Promise.reject(PayloadTooLarge({ message: 'The quota is used up.' })) });
  const { url } = await start(test, backend);
  const reply = await fetch(`${url}/api/notes/upload`, { method: 'POST', body: form({ f: new Blob(['x']) }) });
  test.match([reply.status, await reply.json()], [413, { message: 'The quota is used up.' }]);
});

t.test('a client that leaves in the middle leaves nothing behind', async (test) => {
  const backend = memoryBackend(answer);
  const { url, port } = await start(test, backend);
  const half = '--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nwhole\r\n--b\r\nContent-Disposition: form-data; name="b"; filename="b"\r\n\r\nhalf';
  const head = 'POST /api/notes/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900\r\n\r\n';
  const socket = (await import('node:net')).connect(port, '127.0.0.1');
  socket.write(head + half);
  await until(() => backend.uploads.size === 1, 'the first file');
  socket.destroy();
  await until(() => backend.discarded.length === 1, 'the discard');
  test.strictSame(backend.discarded, ['handle-1']);
  test.equal(backend.calls.length, 0);
  test.match(await exchange(port, [`${head.replace('900', String(half.length))}${half}`], { enough: (received) => received.includes('}') }), /^HTTP\/1\.1 400 [\s\S]*VALIDATION_ERROR/, 'a form that ends early');
  test.equal((await fetch(`${url}/health/live`)).status, 200);
});

t.test('a large file streams in constant memory', async (test) => {
  const size = 192 * 1_048_576;
  const hash = createHash('sha256');
  let peak = 0;
  const backend = memoryBackend(answer, {
    async upload(_scope, init, content) {
      let sizeBytes = 0;
      for await (const chunk of content) {
        sizeBytes += chunk.length;
        hash.update(chunk);
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      }
      return { handle: 'big', filename: init.filename, sizeBytes };
    },
  });
  const { url } = await start(test, backend, { body: { kind: 'multipart', maxFiles: 1, maxBytes: 300_000_000 } }, { maxFileBytes: 300_000_000 });
  const expected = createHash('sha256');
  const chunk = Buffer.alloc(65_536, 7);
  const before = process.memoryUsage().arrayBuffers;
  const status = await new Promise<number>((resolve, reject) => {
    const request = httpRequest(`${url}/api/notes/upload`, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=b' } }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    request.on('error', reject);
    request.write('--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n');
    let sent = 0;
    const more = (): void => {
      while (sent < size) {
        sent += chunk.length;
        expected.update(chunk);
        if (!request.write(chunk)) return void request.once('drain', more);
      }
      request.end('\r\n--b--\r\n');
    };
    more();
  });
  test.equal(status, 201);
  test.equal(hash.digest('hex'), expected.digest('hex'));
  test.ok(peak - before < 96 * 1_048_576, `${Math.round((peak - before) / 1_048_576)} MiB of buffers at the peak`);
});
