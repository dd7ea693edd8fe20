import t from 'tap';
import { definePlugin } from '@proofpix/sdk';
import { generateSigningKey, keyRing, openPackage, readPrivateKey, signEntries, writePackage } from '@proofpix/sdk/packaging';

const now = new Date('2026-11-22T12:00:00Z');
const { manifest } = definePlugin({ id: 'notes', version: '1.0.0', title: 'Notes', description: '', publisher: 'acme', capabilities: ['jobs'] });

async function fixture() {
  const key = generateSigningKey();
  const entries = { 'README.md': Buffer.from('# Notes'), 'manifest.json': Buffer.from(JSON.stringify(manifest)), 'plugin.js': Buffer.from('code') };
  const signature = signEntries(entries, { privateKey: readPrivateKey(key.privateKey), publisher: 'acme', signedAt: now });
  const trust = keyRing([{ publisher: 'acme', publicKey: key.publicKey, validFrom: '2026-01-01T00:00:00Z' }]);
  return { bytes: await writePackage({ ...entries, 'signature.json': signature }), trust };
}

t.test('refuses a manifest that its script does not confirm', async (test) => {
  const { bytes, trust } = await fixture();
  const lying = async () => ({ ...manifest, capabilities: ['jobs', 'net:public'] });
  await test.rejects(openPackage(bytes, { trust, now, extractManifest: lying }), { code: 'MANIFEST_MISMATCH', details: { fields: ['capabilities'] } });
  await test.rejects(openPackage(bytes, { trust, now, extractManifest: async () => null }), { code: 'MANIFEST_MISMATCH' });
});

t.test('runs no script of a package that is not trusted', async (test) => {
  const { bytes } = await fixture();
  let ran = 0;
  const extractManifest = async () => {
    ran++;
    return manifest;
  };
  await test.rejects(openPackage(bytes, { trust: keyRing(), now, extractManifest }), { code: 'SIGNATURE_KEY_UNKNOWN' });
  test.equal(ran, 0);
});

t.test('opens a sound package', async (test) => {
  const { bytes, trust } = await fixture();
  const seen: string[] = [];
  const pkg = await openPackage(bytes, { trust, now, extractManifest: async (code) => (seen.push(code), structuredClone(manifest)) });
  test.same(seen, ['code']);
  test.equal(pkg.manifest.id, 'notes');
  test.equal(pkg.signature.publisher, 'acme');
});
