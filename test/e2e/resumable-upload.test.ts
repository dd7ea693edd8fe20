import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import t from 'tap';
import { Upload, type UploadOptions } from 'tus-js-client';
import { plugins } from '../../config/plugins.ts';
import { clamdServer, eicar } from '../support/clamd-server.ts';
import { testServer, type TestUser } from '../support/server.ts';

/* A real tus client against the whole server, which has a malware scanner and a small limit for uploads. */

t.setTimeout(100_000);
const maxBytes = 3_000_000;
const clamd = await clamdServer(t);
const entries = plugins.filter(({ package: name }) => ['files', 'scanner'].some((plugin) => name.endsWith(`/plugin-${plugin}`)));
const server = await testServer(t, { entries, env: { CLAMD_URL: clamd.url, MAX_UPLOAD_BYTES: String(maxBytes), CORS_ORIGINS: 'https://app.example.com' } });
const ada = await server.register('ada');
const eve = await server.register('eve');
const endpoint = `${server.url}/api/files/tus`;
const content = randomBytes(2_000_000);

const bearer = (user: TestUser) => ({ authorization: `Bearer ${user.accessToken}` });

/** Uploads with the client, and answers where to and what the last reply said. */
function upload(user: TestUser, bytes: Buffer, options: UploadOptions = {}): Promise<{ url: string; fileId: string }> {
  let fileId = '';
  return new Promise((resolve, reject) => {
    const client: Upload = new Upload(bytes, {
      endpoint,
      headers: bearer(user),
      chunkSize: 700_000,
      retryDelays: null,
      metadata: { filename: 'größe.bin', filetype: 'application/octet-stream', processImmediately: 'false' },
      onAfterResponse: (_request, response) => void (fileId = response.getHeader('x-files-id') ?? fileId),
      onError: reject,
      onSuccess: () => resolve({ url: client.url ?? '', fileId }),
      ...options,
    });
    client.start();
  });
}

/** Sends the beginning of a part and hangs up in the middle of it. */
function breakOff(user: TestUser, url: string, offset: number, promised: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const headers = { ...bearer(user), 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream', 'upload-offset': offset, 'content-length': promised };
    const sent = request(url, { method: 'PATCH', headers });
    sent.on('error', () => undefined).on('close', () => resolve());
    sent.write(bytes, () => setImmediate(() => sent.destroy()));
  });
}

const head = (user: TestUser, url: string) => user.send('HEAD', new URL(url).pathname, undefined, { 'tus-resumable': '1.0.0' });

/** Asks until the answer is as wanted; the deadline is the test's. */
async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const scanOf = async (user: TestUser, id: string) => (await user.send('GET', `/api/files/${id}`)).body.scan as { state: string; signature: string | null };
const scanned = (user: TestUser, id: string) => eventually(() => scanOf(user, id), ({ state }) => state !== 'pending');

async function downloaded(user: TestUser, id: string): Promise<string> {
  const reply = await fetch(`${server.url}/api/files/${id}/download`, { headers: bearer(user) });
  return createHash('sha256').update(Buffer.from(await reply.arrayBuffer())).digest('hex');
}

const sha256 = createHash('sha256').update(content).digest('hex');

t.test('a file in parts, and one with its beginning', async (t) => {
  for (const options of [{}, { uploadDataDuringCreation: true, chunkSize: Infinity }]) {
    const { url, fileId } = await upload(ada, content, options);
    t.match((await ada.send('GET', `/api/files/${fileId}`)).body, { filename: 'größe.bin', sizeBytes: content.length, sha256 });
    t.match(await scanned(ada, fileId), { state: 'clean' });
    t.equal(await downloaded(ada, fileId), sha256);
    t.equal((await head(ada, url)).headers.get('upload-offset'), String(content.length));
    t.equal((await head(eve, url)).status, 404, 'for another tenant it is not there');
  }
});

t.test('broken off in the middle, resumed by the client', async (t) => {
  const created = await ada.send('POST', '/api/files/tus', undefined, { 'tus-resumable': '1.0.0', 'upload-length': String(content.length), 'upload-metadata': `filename ${Buffer.from('b.bin').toString('base64')},processImmediately ZmFsc2U=` });
  t.equal(created.status, 201);
  const url = new URL(created.headers.get('location') ?? '', server.url).href;
  await breakOff(ada, url, 0, content.length, content.subarray(0, 1_000_000));
  const arrived = await eventually(async () => Number((await head(ada, url)).headers.get('upload-offset')), (offset) => offset > 0);
  t.ok(arrived <= 1_000_000, `${arrived} bytes of 1,000,000 arrived`);
  const { fileId } = await upload(ada, content, { uploadUrl: url });
  t.match((await ada.send('GET', `/api/files/${fileId}`)).body, { filename: 'b.bin', sizeBytes: content.length, sha256 });
});

t.test('what the client is refused', async (t) => {
  const status = (error: unknown) => (error as { originalResponse?: { getStatus(): number } | null }).originalResponse?.getStatus();
  const refused = (promise: Promise<unknown>) => promise.then(() => 0, status);
  t.equal(await refused(upload(ada, Buffer.alloc(maxBytes + 1))), 413);
  t.equal(await refused(upload(ada, content, { metadata: {} })), 400);
  const { url } = await upload(ada, content, { metadata: { filename: 'c.bin', processImmediately: 'false' } });
  t.equal((await ada.send('PATCH', new URL(url).pathname, {}, { 'tus-resumable': '1.0.0' })).status, 415);
  const offset = await fetch(url, { method: 'PATCH', headers: { ...bearer(ada), 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream', 'upload-offset': '5' }, body: 'x' });
  t.match([offset.status, ((await offset.json()) as { error: string }).error], [409, 'WRONG_OFFSET']);
  t.equal((await ada.send('DELETE', new URL(url).pathname, undefined, { 'tus-resumable': '1.0.0' })).status, 204);
  t.equal((await head(ada, url)).status, 404);
  const preflight = await fetch(endpoint, { method: 'OPTIONS', headers: { origin: 'https://app.example.com', 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'tus-resumable,upload-offset,content-type' } });
  t.ok(preflight.ok);
  t.match(preflight.headers.get('access-control-allow-headers'), /upload-offset/i);
});

t.test('what the scanner finds stays locked', async (t) => {
  const { fileId } = await upload(ada, Buffer.from(eicar), { metadata: { filename: 'eicar.com' } });
  t.match(await scanned(ada, fileId), { state: 'infected', signature: /eicar/i });
  t.match(await ada.send('GET', `/api/files/${fileId}/download`), { status: 409, body: { error: 'FILE_QUARANTINED', details: { state: 'infected' } } });
  t.match((await ada.send('GET', `/api/files/${fileId}`)).body, { status: 'failed', error: { code: 'FILE_INFECTED' } });
  t.equal((await ada.send('DELETE', `/api/files/${fileId}?permanent=true`)).status, 204);
});

t.test('of a form, a file that is too large fails alone', async (t) => {
  const form = new FormData();
  form.append('options', JSON.stringify({ processImmediately: false }));
  for (const size of [10, maxBytes + 1, 20]) form.append('files', new Blob([Buffer.alloc(size)]), `${size}.bin`);
  const { status, body } = await ada.send('POST', '/api/files/bulk-upload', form);
  t.match([status, body], [207, { succeeded: 2, failed: 1, items: [{ error: null }, { filename: `${maxBytes + 1}.bin`, file: null, error: { code: 'PAYLOAD_TOO_LARGE' } }, { error: null }] }]);
});
