import t from 'tap';
import { definePlugin, type PluginError } from '@proofpix/sdk';
import { type Entries, generateSigningKey, keyRing, type Package, readPackage, readPrivateKey, readPublicKey, signEntries, type SigningKeyPair, type TrustedKeyRecord, verifyPackage, writePackage } from '@proofpix/sdk/packaging';

const now = new Date('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;
const text = (content: string): Buffer => Buffer.from(content);

const manifestOf = (version: string, publisher: string | null = 'acme') => definePlugin({ id: 'notes', version, title: 'Notes', description: 'Keeps notes.', ...(publisher === null ? {} : { publisher }) }).manifest;

const entriesOf = (manifest: unknown): Entries => ({ 'README.md': text('# Notes'), 'manifest.json': text(JSON.stringify(manifest)), 'plugin.js': text('(() => {})();') });

interface Signing {
  key: SigningKeyPair;
  publisher?: string;
  signedAt?: Date;
  change?: (signature: Record<string, unknown>) => void;
}

function signed(entries: Entries, { key, publisher = 'acme', signedAt = now, change }: Signing): Entries {
  const signature = JSON.parse(signEntries(entries, { privateKey: readPrivateKey(key.privateKey), publisher, signedAt }).toString()) as Record<string, unknown>;
  change?.(signature);
  return { ...entries, 'signature.json': text(JSON.stringify(signature)) };
}

const pack = async (entries: Entries): Promise<Package> => readPackage(await writePackage(entries));

const record = (key: SigningKeyPair, rest: Partial<TrustedKeyRecord> = {}): TrustedKeyRecord => ({ publisher: 'acme', publicKey: key.publicKey, validFrom: '2026-01-01T00:00:00Z', validUntil: '2027-01-01T00:00:00Z', ...rest });

async function codeOf(entries: Entries, records: TrustedKeyRecord[], at = now): Promise<string> {
  return verifyPackage(await pack(entries), keyRing(records), at).then(
    () => 'accepted',
    (error: PluginError) => error.code,
  );
}

t.test('refuses a missing, unreadable or forged signature', async (test) => {
  const key = generateSigningKey();
  const entries = entriesOf(manifestOf('1.0.0'));
  const trusted = [record(key)];
  test.equal(await codeOf(entries, trusted), 'SIGNATURE_MISSING');
  for (const bad of ['', 'null', '[]', '{}', '{"format":2}', 'x'.repeat(100)]) test.equal(await codeOf({ ...entries, 'signature.json': text(bad) }, trusted), 'SIGNATURE_MALFORMED', bad);
  for (const [field, value] of [['algorithm', 'none'], ['signature', ''], ['keyId', '../x'], ['signedAt', 'yesterday'], ['extra', 1], ['digest', 'A'.repeat(64)]] as const) {
    test.equal(await codeOf(signed(entries, { key, change: (s) => { s[field] = value; } }), trusted), 'SIGNATURE_MALFORMED', field);
  }
  const other = generateSigningKey();
  test.equal(await codeOf(signed(entries, { key: other }), trusted), 'SIGNATURE_KEY_UNKNOWN');
  test.equal(await codeOf(signed(entries, { key: other, change: (s) => { s.keyId = key.keyId; } }), trusted), 'SIGNATURE_WRONG', 'under another key’s name');
  test.equal(await codeOf(signed(entries, { key, change: (s) => { s.signature = Buffer.alloc(64).toString('base64'); } }), trusted), 'SIGNATURE_WRONG');
  test.equal(await codeOf(signed(entries, { key, signedAt: new Date(now.getTime() - 400 * dayMs), change: (s) => { s.signedAt = now.toISOString(); } }), trusted), 'SIGNATURE_WRONG', 'redated');
  test.equal(await codeOf(signed(entries, { key, publisher: 'evil', change: (s) => { s.publisher = 'acme'; } }), trusted), 'SIGNATURE_WRONG', 'renamed');
});

t.test('refuses a signature swapped in from another package, and any changed entry', async (test) => {
  const key = generateSigningKey();
  const first = signed(entriesOf(manifestOf('1.0.0')), { key });
  const second = signed(entriesOf(manifestOf('2.0.0')), { key });
  test.equal(await codeOf({ ...second, 'signature.json': first['signature.json'] as Uint8Array }, [record(key)]), 'SIGNATURE_OF_ANOTHER_PACKAGE');
  test.equal(await codeOf({ ...first, 'plugin.js': text('(() => { evil(); })();') }, [record(key)]), 'SIGNATURE_OF_ANOTHER_PACKAGE');
  test.equal(await codeOf({ ...first, 'CHANGELOG.md': text('added') }, [record(key)]), 'SIGNATURE_OF_ANOTHER_PACKAGE');
  test.equal(await codeOf({ ...first, 'README.md': text('# Other') }, [record(key)]), 'SIGNATURE_OF_ANOTHER_PACKAGE');
});

t.test('refuses keys that are revoked, expired, not yet valid, or another publisher’s', async (test) => {
  const key = generateSigningKey();
  const entries = entriesOf(manifestOf('1.0.0'));
  const good = signed(entries, { key });
  test.equal(await codeOf(good, [record(key, { revoked: true })]), 'SIGNATURE_KEY_REVOKED');
  test.equal(await codeOf(good, [record(key, { validUntil: '2026-11-01T00:00:00Z' })]), 'SIGNATURE_KEY_EXPIRED');
  test.equal(await codeOf(good, [record(key)], new Date('2027-06-01T00:00:00Z')), 'SIGNATURE_KEY_EXPIRED', 'an old signature of a key that has expired since: its date is only a claim');
  test.equal(await codeOf(good, [record(key, { validFrom: '2026-12-01T00:00:00Z' })]), 'SIGNATURE_KEY_EXPIRED');
  test.equal(await codeOf(signed(entries, { key, signedAt: new Date(now.getTime() + dayMs) }), [record(key)]), 'SIGNATURE_KEY_EXPIRED', 'from the future');
  test.equal(await codeOf(good, [record(key, { publisher: 'umbrella' })]), 'SIGNATURE_PUBLISHER_MISMATCH');
  test.equal(await codeOf(signed(entriesOf(manifestOf('1.0.0', 'umbrella')), { key }), [record(key)]), 'SIGNATURE_PUBLISHER_MISMATCH', 'a manifest in another name');
  test.equal(await codeOf(signed(entriesOf(manifestOf('1.0.0', null)), { key }), [record(key)]), 'SIGNATURE_PUBLISHER_MISMATCH', 'a manifest in nobody’s name');
  const ring = keyRing([record(key)]);
  test.equal(ring.revoke(key.keyId), true);
  test.equal(ring.revoke('0'.repeat(32)), false);
  await test.rejects(verifyPackage(await pack(good), ring, now), { code: 'SIGNATURE_KEY_REVOKED' });
});

t.test('refuses a signed manifest that is not valid, with every issue', async (test) => {
  const key = generateSigningKey();
  const bad = { ...manifestOf('1.0.0'), version: 'one', capabilities: ['root'], hacks: true };
  await test.rejects(verifyPackage(await pack(signed(entriesOf(bad), { key })), keyRing([record(key)]), now), { code: 'MANIFEST_INVALID', details: { issues: [{ path: '/hacks', issue: 'is not part of a manifest' }] } });
});

t.test('accepts a sound package under a key in any encoding', async (test) => {
  const key = generateSigningKey();
  const good = signed(entriesOf(manifestOf('1.0.0')), { key });
  const raw = Buffer.from(readPublicKey(key.publicKey).export({ format: 'jwk' }).x as string, 'base64url');
  for (const publicKey of [key.publicKey, raw.toString('base64'), raw.toString('hex')]) {
    const verified = await verifyPackage(await pack(good), keyRing([record(key, { publicKey, validUntil: null })]), now);
    test.equal(verified.signature.keyId, key.keyId);
    test.equal(verified.manifest.version, '1.0.0');
  }
});

t.test('a trust store refuses keys it cannot read, bad times and duplicates', async (test) => {
  const key = generateSigningKey();
  test.throws(() => keyRing([record(key, { publicKey: key.privateKey })]), { code: 'KEY_INVALID' });
  test.throws(() => keyRing([record(key, { publicKey: 'AAAA' })]), { code: 'KEY_INVALID' });
  test.throws(() => keyRing([record(key, { validFrom: 'soon' })]), /not a time/);
  test.throws(() => keyRing([record(key), record(key, { publisher: 'evil' })]), /listed twice/);
});
