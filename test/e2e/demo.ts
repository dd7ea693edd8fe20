import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { generateSigningKey, packageForm, signedPackage } from '../support/packages.ts';
import { send, type TestReply } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';

/** `npm run demo`: the main job against a running server, told as it happens. */

const base = process.env['PROOFPIX_URL'] ?? `http://127.0.0.1:${process.env['PORT'] ?? 3000}`;
const require = createRequire(import.meta.url);
const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const chapter = (text: string): void => say(`\n${bold(text)}`);
const show = (value: unknown): void => say(JSON.stringify(value, null, 2).replaceAll(/^/gm, '    '));

function expect(reply: TestReply, status: number, what: string): TestReply {
  if (reply.status !== status) throw new Error(`${what}: expected ${status}, got ${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply;
}

/** Asks until the answer fits; a bounded wait for work that other parts do. */
async function eventually(ask: () => Promise<TestReply>, fits: (body: never) => boolean): Promise<TestReply> {
  const end = Date.now() + 20_000;
  for (;;) {
    const reply = await ask();
    if (reply.status === 200 && fits(reply.body as never)) return reply;
    if (Date.now() > end) throw new Error(`gave up waiting; the last answer was ${JSON.stringify(reply.body)}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

function photoForm(file: string, name: string): FormData {
  const form = new FormData();
  form.append('file', new Blob([readFileSync(file)], { type: 'image/jpeg' }), name);
  form.append('options', JSON.stringify({ processImmediately: true, extractMetadata: true }));
  return form;
}

chapter('1. A user');
const email = `demo-${Date.now()}@example.com`;
const password = `Tangerine-Lighthouse-${Date.now()}`;
expect(await send(base, 'POST', '/api/auth/register', { email, password, firstName: 'Dana', lastName: 'Demo' }), 201, 'register');
const login = expect(await send(base, 'POST', '/api/auth/login', { email, password }), 200, 'login').body;
say(`  ${email} is registered and has a tenant of their own.`);
const call = (method: string, path: string, body?: unknown): Promise<TestReply> => send(base, method, path, body, { authorization: `Bearer ${login.accessToken}` });
const socket = await openSocket(base, login.accessToken);
say('  A WebSocket is open and authenticated.');

chapter('2. A photo with GPS');
const first = expect(await call('POST', '/api/files/upload', photoForm(require.resolve('exif-parser/test/starfish.jpg'), 'starfish.jpg')), 201, 'upload').body;
say(`  Uploaded ${first.filename}: ${first.sizeBytes} bytes, ${first.mimeType}, SHA-256 ${first.sha256.slice(0, 16)}…`);
await socket.next('document:completed', (data) => data['fileId'] === first.id);
for (const { event, data } of socket.frames) if (event.startsWith('document:')) say(`  ← ${event} ${data['progress'] === undefined ? '' : JSON.stringify(data['progress'])}`);
const { result } = (await eventually(() => call('GET', `/api/files/${first.id}/results`), (body: { status: string }) => body.status === 'completed')).body;
say('  What the photo says of itself:');
const { tags: _, ...told } = result.metadata;
show({ ...told, location: result.location });

chapter('3. A third-party plugin, from a signed package');
const key = generateSigningKey();
const pkg = await signedPackage(new URL('../../sdk/examples/photo-journal/', import.meta.url), key);
say(`  Built and signed ${pkg.id} ${pkg.version}: ${pkg.bytes.length} bytes.`);
say(`  Before its publisher is trusted, the upload is refused: ${(await call('POST', '/api/plugins/upload', packageForm(pkg.bytes))).body.error}`);
expect(await call('POST', '/api/plugins/keys', { publisher: pkg.publisher, publicKey: key.publicKey }), 201, 'trust');
expect(await call('POST', '/api/plugins/upload', packageForm(pkg.bytes)), 201, 'package upload');
const plan = expect(await call('POST', '/api/plugins/plan', { pluginId: pkg.id }), 200, 'plan').body;
say(`  ${plan.title} ${plan.version} asks for:`);
for (const { capability, description } of plan.capabilities) say(`    • ${description}  (${capability})`);
say(`  It brings ${plan.routes.length} routes, ${plan.collections.length} collection and ${plan.jobs.length} job.`);
const installed = expect(await call('POST', '/api/plugins/install', { pluginId: pkg.id, grants: plan.capabilities.map((one: { capability: string }) => one.capability) }), 201, 'install').body;
say(`  Consent given; it is ${installed.state}, running ${installed.runtime}.`);

chapter('4. Another photo, and what the plugin did with it');
const second = expect(await call('POST', '/api/files/upload', photoForm(require.resolve('jpeg-exif/test/IMG_0001.JPG'), 'IMG_0001.JPG')), 201, 'upload').body;
await socket.next('document:completed', (data) => data['fileId'] === second.id);
const entries = (await eventually(() => call('GET', `/api/x/${pkg.id}/entries`), (body: { items: unknown[] }) => body.items.length > 0)).body;
say(`  From its own route, out of its own collection (GET /api/x/${pkg.id}/entries):`);
show(entries.items[0]);
const announced = await socket.next('journal:entry-added');
say(`  ← journal:entry-added ${JSON.stringify(announced)}`);
const worked = (await eventually(() => call('GET', `/api/x/${pkg.id}/entries/${entries.items[0].id}`), (body: { weather?: string }) => body.weather !== undefined)).body;
say(`  Its job add-weather ran as well, and left in the entry: weather = "${worked.weather}"`);

chapter('5. Switched off, while requests keep flowing');
const flow = new AbortController();
let served = 0;
let failed = 0;
const requests = Promise.all(
  Array.from({ length: 8 }, async () => {
    while (!flow.signal.aborted) {
      const { status } = await call('GET', `/api/files/${first.id}`);
      if (status === 200) served++;
      else failed++;
    }
  }),
);
expect(await call('PUT', `/api/plugins/${pkg.id}/enable`, { enabled: false }), 200, 'disable');
const gone = await call('GET', `/api/x/${pkg.id}/entries`);
const paths = Object.keys(expect(await call('GET', '/openapi.json'), 200, 'openapi').body.paths as object);
flow.abort();
await requests;
say(`  GET /api/x/${pkg.id}/entries now answers ${gone.status}, and ${paths.filter((path) => path.startsWith(`/api/x/${pkg.id}`)).length} of its paths are left in /openapi.json.`);
say(`  Meanwhile ${served} requests to another plugin were answered, ${failed} failed.`);
if (failed > 0 || gone.status !== 404) throw new Error('the demo did not go as told');
socket.close();
say(`\n${bold('Done.')} The API reference of what is enabled is at ${base}/docs\n`);
