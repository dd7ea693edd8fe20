import { createHmac, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import t from 'tap';
import { registerUser, testAuth } from '../../test/support/auth.ts';
import { testDatabase, testMasterKey } from '../../test/support/database.ts';
import { statement } from '../database/statement.ts';
import { openVault } from '../storage/index.ts';
import { openAccessTokens } from './access-tokens.ts';
import { openSigningKeys } from './signing-keys.ts';

const unauthorized = { code: 'UNAUTHORIZED' };
const issuer = 'http://localhost:3000';
const secret = 'a fixed secret of at least 32 characters';
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string | undefined): Record<string, unknown> => JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;

const hmac = (key: string | Buffer) => (input: string): Buffer => createHmac('sha256', key).update(input).digest();

function forge(header: object, payload: object, signer: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}

t.test('forged, expired and foreign tokens are refused', async (test) => {
  const { auth } = await testAuth(test);
  const { accessToken } = await registerUser(auth);
  const [headerPart, payloadPart, signature = ''] = accessToken.split('.');
  const [header, payload] = [decode(headerPart), decode(payloadPart)];
  const { keys } = await auth.jwks();
  const publicJwk = keys[0] ?? {};
  const other = generateKeyPairSync('ed25519').privateKey;
  const now = Math.floor(Date.now() / 1000);
  const byOther = (input: string): Buffer => sign(null, Buffer.from(input), other);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  const forgeries: [name: string, token: string][] = [
    ['no signature', `${headerPart}.${payloadPart}.`],
    ['alg none', forge({ ...header, alg: 'none' }, payload, () => Buffer.alloc(0))],
    ['alg None with the old signature', `${encode({ ...header, alg: 'None' })}.${payloadPart}.${signature}`],
    ['another key', forge(header, payload, byOther)],
    ['another key, brought along', forge({ ...header, jwk: { kty: 'OKP', crv: 'Ed25519', x: createPrivateKey({ key: other.export({ format: 'jwk' }), format: 'jwk' }).export({ format: 'jwk' }).x } }, payload, byOther)],
    ['HS256 with the public key as secret', forge({ ...header, alg: 'HS256' }, payload, hmac(String(publicJwk['x'])))],
    ['HS256 with the public bytes as secret', forge({ ...header, alg: 'HS256' }, payload, hmac(Buffer.from(String(publicJwk['x']), 'base64url')))],
    ['RS256', forge({ ...header, alg: 'RS256' }, payload, (input) => sign('sha256', Buffer.from(input), rsa))],
    ['unknown kid', forge({ ...header, kid: randomUUID() }, payload, byOther)],
    ['kid of another kind', forge({ ...header, kid: { toString: 'x' } }, payload, byOther)],
    ['no kid', forge({ alg: 'EdDSA', typ: 'JWT' }, payload, byOther)],
    ['payload changed', `${headerPart}.${encode({ ...payload, sub: randomUUID() })}.${signature}`],
    ['signature changed', `${headerPart}.${payloadPart}.${signature.slice(0, -4)}AAAA`],
    ['longer', `${accessToken}.x`],
    ['empty', ''],
    ['dots', '..'],
    ['huge', 'a'.repeat(100_000)],
    ['expired and forged', forge(header, { ...payload, exp: now - 60 }, byOther)],
  ];
  for (const [name, token] of forgeries) await test.rejects(auth.authenticate({ authorization: `Bearer ${token}` }), unauthorized, name);
  for (const authorization of ['', 'Bearer', `Basic ${accessToken}`, `Bearer ${accessToken} x`, accessToken, `Bearer ${accessToken}, Bearer ${accessToken}`]) await test.rejects(auth.authenticate({ authorization }), unauthorized, authorization.slice(0, 20));
  test.ok(await auth.authenticate({ authorization: `bearer  ${accessToken}` }));
});

async function open(test: Parameters<typeof testDatabase>[0]) {
  const database = await testDatabase(test);
  const vault = await openVault({ masterKey: testMasterKey, database });
  const openKeys = (times: { signsForMs: number; overlapMs: number }) => openSigningKeys({ database, vault, times: { ...times, tokenLifeMs: 900_000 } });
  return { database, openKeys, keys: await openKeys({ signsForMs: 1e9, overlapMs: 1e6 }) };
}
const claims = { userId: randomUUID(), sessionId: randomUUID(), tenantId: null };

t.test('tokens of another issuer, audience, kind of key or age are refused', async (test) => {
  const { keys } = await open(test);
  const ours = await openAccessTokens({ keys, expiresInSeconds: 900, issuer });
  const fixed = await openAccessTokens({ keys, secret, expiresInSeconds: 900, issuer });
  const elsewhere = await openAccessTokens({ keys, expiresInSeconds: 900, issuer: 'http://elsewhere' });
  const expired = await openAccessTokens({ keys, expiresInSeconds: 1, issuer });
  await test.rejects(ours.verify(await elsewhere.sign(claims)), unauthorized);
  await test.rejects(ours.verify(await fixed.sign(claims)), unauthorized, 'HS256 where EdDSA is used');
  await test.rejects(fixed.verify(await ours.sign(claims)), unauthorized, 'EdDSA where HS256 is used');
  const hs = (payload: object): string => forge({ alg: 'HS256', typ: 'JWT' }, payload, (input) => createHmac('sha256', secret).update(input).digest());
  const full = { ...decode((await fixed.sign(claims)).split('.')[1]) };
  const now = Math.floor(Date.now() / 1000);
  for (const wrong of [{ aud: 'other' }, { iss: 'other' }, { exp: now - 10 }, { nbf: now + 100 }, { sub: 'no uuid' }, { sid: 7 }, { tid: 'x' }, { exp: undefined }, { sub: undefined }, { sid: undefined }, { aud: undefined }, { iss: undefined }, { exp: 'later' }]) {
    await test.rejects(fixed.verify(hs({ ...full, ...wrong })), unauthorized, JSON.stringify(wrong));
  }
  test.match(await fixed.verify(hs(full)), { ...claims, expiresAt: Number });
  test.match(await ours.verify(await expired.sign(claims)), claims, 'clocks may differ by 5 s');
  await test.rejects(openAccessTokens({ keys, secret: 'short', expiresInSeconds: 900, issuer }), /JWT_SECRET/);
});

t.test('a rotated key still verifies, an ended one does not, and nodes agree', async (test) => {
  const { database, openKeys, keys } = await open(test);
  const token = await (await openAccessTokens({ keys, expiresInSeconds: 900, issuer })).sign(claims);
  // the key is about to end its time: another node makes the next one, to sign from then on
  const later = (sql: string) => database.system((em) => statement(em, sql));
  await later(`update kernel.signing_keys set signs_until = now() + interval '1 minute', verifies_until = now() + interval '1 hour'`);
  const [one, two] = await Promise.all([openKeys({ signsForMs: 1e9, overlapMs: 1e6 }), openKeys({ signsForMs: 1e9, overlapMs: 1e6 })]);
  test.equal((await one.jwks()).keys.length, 2, 'both nodes made one key between them');
  const first = (await one.current()).kid;
  await later(`update kernel.signing_keys set signs_from = signs_from - interval '2 minutes', signs_until = signs_until - interval '2 minutes'`);
  const [third, fourth] = await Promise.all([openKeys({ signsForMs: 1e9, overlapMs: 1e6 }), openKeys({ signsForMs: 1e9, overlapMs: 1e6 })]);
  const next = (await third.current()).kid;
  test.not(next, first);
  test.equal((await fourth.current()).kid, next);
  test.match(await (await openAccessTokens({ keys: third, expiresInSeconds: 900, issuer })).verify(token), claims);
  test.notOk(JSON.stringify(await two.jwks()).includes('"d"'), 'private parts stay private');
  await later(`update kernel.signing_keys set verifies_until = now() - interval '1 second' where kid = '${first}'`);
  const fifth = await openKeys({ signsForMs: 1e9, overlapMs: 1e6 });
  await test.rejects((await openAccessTokens({ keys: fifth, expiresInSeconds: 900, issuer })).verify(token), unauthorized);
});
