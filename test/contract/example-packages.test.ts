import path from 'node:path';
import t from 'tap';
import { buildPlugin, packageEntries } from '@proofpix/sdk/cli';
import { generateSigningKey, keyRing, openPackage, readPrivateKey, signEntries, writePackage } from '@proofpix/sdk/packaging';
import { extractManifest, packageScript } from '../../kernel/sandbox/index.ts';

const quiet = (): undefined => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const examples = path.resolve(import.meta.dirname, '../../sdk/examples');

/** The example as its author would publish it. */
async function publish(name: string) {
  const key = generateSigningKey();
  const built = await buildPlugin(path.join(examples, name));
  const entries = await packageEntries(path.join(examples, name), built, { map: true });
  const signature = signEntries(entries, { privateKey: readPrivateKey(key.privateKey), publisher: 'proofpix-examples', signedAt: new Date() });
  const trust = keyRing([{ publisher: 'proofpix-examples', publicKey: key.publicKey, validFrom: '2020-01-01T00:00:00Z' }]);
  return { entries, trust, bytes: await writePackage({ ...entries, 'signature.json': signature }) };
}

const inSandbox = async (code: string) => extractManifest(await packageScript(code), { log });

t.test('a package whose script shows more than its manifest is refused', async (test) => {
  const key = generateSigningKey();
  const { entries, trust } = await publish('word-count');
  const manifest = JSON.parse(Buffer.from(entries['manifest.json'] ?? []).toString()) as Record<string, unknown>;
  const lying = { ...entries, 'manifest.json': Buffer.from(JSON.stringify({ ...manifest, capabilities: [], hooks: [] })) };
  trust.add({ publisher: 'proofpix-examples', publicKey: key.publicKey, validFrom: '2020-01-01T00:00:00Z' });
  const signature = signEntries(lying, { privateKey: readPrivateKey(key.privateKey), publisher: 'proofpix-examples', signedAt: new Date() });
  await test.rejects(openPackage(await writePackage({ ...lying, 'signature.json': signature }), { trust, extractManifest: inSandbox }), { code: 'MANIFEST_MISMATCH', details: { fields: ['capabilities', 'hooks'] } });
});

t.test('the examples build into packages that load in the sandbox as they say', async (test) => {
  for (const name of ['photo-journal', 'word-count']) {
    const { bytes, trust } = await publish(name);
    const opened = await openPackage(bytes, { trust, extractManifest: inSandbox });
    test.equal(opened.manifest.id, name);
    test.ok(bytes.length < 200_000, `${name}: ${bytes.length} bytes`);
  }
});
