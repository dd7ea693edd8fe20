import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { generateSigningKey, packageForm, signedPackage } from '../support/packages.ts';
import { testServer } from '../support/server.ts';
import { until } from '../support/messaging.ts';
import { openSocket } from '../support/socket.ts';

const require = createRequire(import.meta.url);
const photo = readFileSync(require.resolve('exif-parser/test/starfish.jpg'));

const server = await testServer(t, { entries: plugins });
const [owner, stranger] = [await server.register(), await server.register()];
const key = generateSigningKey();
const pkg = await signedPackage(new URL('../../sdk/examples/photo-journal/', import.meta.url), key);

function photoForm(): FormData {
  const form = new FormData();
  form.append('file', new Blob([photo], { type: 'image/jpeg' }), 'starfish.jpg');
  form.append('options', JSON.stringify({ processImmediately: true, extractMetadata: true }));
  return form;
}

t.test('a package is refused until its publisher is trusted, and when it was changed', async (t) => {
  t.match(await owner.send('POST', '/api/plugins/upload', packageForm(pkg.bytes)), { status: 400, body: { error: 'SIGNATURE_KEY_UNKNOWN' } });
  t.match(await owner.send('POST', '/api/plugins/keys', { publisher: pkg.publisher, publicKey: 'x'.repeat(50) }), { status: 400, body: { error: 'KEY_INVALID' } });
  t.match(await owner.send('POST', '/api/plugins/keys', { publisher: pkg.publisher, publicKey: key.publicKey, deployment: true }), { status: 403 }, 'only operators trust for everybody');
  t.match(await owner.send('POST', '/api/plugins/keys', { publisher: pkg.publisher, publicKey: key.publicKey }), { status: 201 });
  t.match(await owner.send('POST', '/api/plugins/upload', packageForm(pkg.bytes.subarray(0, 2000))), { status: 400, body: { error: 'PACKAGE_TRUNCATED' } });
  t.match(await stranger.send('POST', '/api/plugins/upload', packageForm(pkg.bytes)), { status: 400, body: { error: 'SIGNATURE_KEY_UNKNOWN' } }, 'trust of one tenant is not another’s');
});

t.test('nothing is installed without consent to every capability', async (t) => {
  t.match(await owner.send('POST', '/api/plugins/upload', packageForm(pkg.bytes)), { status: 201, body: { id: pkg.id, version: pkg.version } });
  t.match(await stranger.send('POST', '/api/plugins/plan', { pluginId: pkg.id }), { status: 409, body: { error: 'DEPENDENCY_UNSOLVABLE' } }, 'a private package is not offered to others');
  const plan = await owner.send('POST', '/api/plugins/plan', { pluginId: pkg.id });
  t.match(plan, { status: 200, body: { pluginId: pkg.id, capabilities: pkg.capabilities.map((capability) => ({ capability, isNew: true })) } });
  const refused = await owner.send('POST', '/api/plugins/install', { pluginId: pkg.id, grants: pkg.capabilities.slice(1) });
  t.match(refused, { status: 409, body: { error: 'CONSENT_REQUIRED', details: { capabilities: [{ capability: pkg.capabilities[0] }] } } });
  t.match(await owner.send('GET', `/api/x/${pkg.id}/entries`), { status: 404 });
});

t.test('an installed plugin sees uploads, keeps records, and is its tenant’s alone', async (t) => {
  t.match(await owner.send('POST', '/api/plugins/install', { pluginId: pkg.id, grants: pkg.capabilities }), { status: 201, body: { state: 'ready', runtime: 'sandboxed', trust: 'third-party' } });
  t.match(await stranger.send('GET', `/api/x/${pkg.id}/entries`), { status: 404 });
  const paths = (await owner.send('GET', '/openapi.json')).body.paths;
  t.ok(Object.hasOwn(paths, `/api/x/${pkg.id}/entries`));
  t.notOk(Object.hasOwn((await stranger.send('GET', '/openapi.json')).body.paths, `/api/x/${pkg.id}/entries`));

  const socket = await openSocket(server.url, owner.accessToken);
  t.teardown(() => socket.close());
  const upload = await owner.send('POST', '/api/files/upload', photoForm());
  t.equal(upload.status, 201);
  const done = await socket.next('document:completed', (data) => data['fileId'] === upload.body.id);
  const { latitude, longitude } = done['location'] as { latitude: number; longitude: number };
  t.strictSame([latitude.toFixed(4), longitude.toFixed(4)], ['55.0388', '8.4572']);
  let entries: { body: { items: unknown[] } } = { body: { items: [] } };
  await until(async () => {
    entries = await owner.send('GET', `/api/x/${pkg.id}/entries`);
    return entries.body.items.length === 1 && (entries.body.items[0] as { place?: unknown }).place != null;
  });
  t.equal(entries.body.items.length, 1);
});

t.test('switched off, its routes are gone while others keep answering', async (t) => {
  let others = 0;
  const stop = new AbortController();
  const load = (async () => {
    while (!stop.signal.aborted) {
      const { status } = await owner.send('GET', '/api/plugins/installed');
      t.equal(status, 200);
      others++;
    }
  })();
  t.match(await owner.send('PUT', `/api/plugins/${pkg.id}/enable`, { enabled: false }), { status: 200, body: { enabled: false } });
  t.match(await owner.send('GET', `/api/x/${pkg.id}/entries`), { status: 404 });
  t.match(await owner.send('PUT', `/api/plugins/${pkg.id}/enable`, { enabled: true }), { status: 200, body: { enabled: true } });
  t.equal((await owner.send('GET', `/api/x/${pkg.id}/entries`)).body.items.length, 1, 'its data was kept');
  stop.abort();
  await load;
  t.ok(others > 0);
});

t.test('uninstalled with purge, nothing of it is left', async (t) => {
  t.match(await owner.send('DELETE', `/api/plugins/${pkg.id}/uninstall?data=purge`), { status: 200, body: { uninstalled: true } });
  t.match(await owner.send('GET', `/api/x/${pkg.id}/entries`), { status: 404 });
  t.match(await owner.send('POST', '/api/plugins/install', { pluginId: pkg.id, grants: pkg.capabilities }), { status: 201 });
  t.equal((await owner.send('GET', `/api/x/${pkg.id}/entries`)).body.items.length, 0);
});
