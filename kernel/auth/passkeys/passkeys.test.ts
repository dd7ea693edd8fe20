import t from 'tap';
import { goodPassword, logIn, registerUser, testAuth, testCaller } from '../../../test/support/auth.ts';
import { type Ceremony, type Departures, softwareAuthenticator } from '../../../test/support/authenticator.ts';
import { ageSessions, auditActions, codeAt, firstStep, identityOf, mailTo, testClock, userWithTotp } from '../../../test/support/second-factor.ts';
import { statement } from '../../database/statement.ts';
import type { Database } from '../../database/index.ts';
import type { OpenAuth } from '../open-auth.ts';
import type { Identity } from '../contract.ts';
import { relyingParty } from './relying-party.ts';

const unauthorized = { code: 'UNAUTHORIZED', message: 'The passkey was not accepted.' };
const place = { origin: 'https://docs.example.com', rpId: 'docs.example.com' };
const config = { relyingParty: { id: place.rpId, name: 'ProofPix', origins: [place.origin, 'https://app.docs.example.com'] } };
const asCeremony = (options: unknown): Ceremony => options as Ceremony;

async function addPasskey(auth: OpenAuth, identity: Identity, algorithm: 'ES256' | 'EdDSA' = 'ES256', counts = true) {
  const key = softwareAuthenticator({ ...place, algorithm, counts });
  const options = asCeremony(await auth.passkeys.registrationOptions(identity, undefined, testCaller));
  const view = await auth.passkeys.register(identity, key.create(options), undefined, testCaller);
  return { key, view };
}

const challenge = async (auth: OpenAuth): Promise<Ceremony> => asCeremony(await auth.passkeys.loginOptions());
const dropPassword = (database: Database, userId: string) => database.system((em) => statement(em, 'delete from kernel.credentials where user_id = $1', [userId]));
const storedCounter = async (database: Database, id: string): Promise<number | undefined> => (await database.system((em) => statement<{ counter: number }>(em, 'select counter::float8 as counter from kernel.passkeys where id = $1', [id])))[0]?.counter;

t.test('the relying party follows from settings alone', async (test) => {
  const of = (publicUrl: string | undefined, domain?: string, corsOrigins: string[] = []) => relyingParty({ publicUrl, domain, corsOrigins, port: 3000 });
  test.match(of(undefined), { id: 'localhost', origins: ['http://localhost:3000'] });
  test.same(of('https://api.example.com/proofpix', undefined, ['*', 'https://api.example.com', 'https://evil.test', 'https://example.com', 'https://x.api.example.com:8443', 'https://evilapi.example.com']).origins, ['https://api.example.com', 'https://x.api.example.com:8443']);
  test.same(of('https://api.example.com', 'example.com', ['https://app.example.com', 'https://notexample.com']), { id: 'example.com', name: 'ProofPix', origins: ['https://api.example.com', 'https://app.example.com'] });
  for (const domain of ['other.com', 'xample.com', 'x.api.example.com']) test.throws(() => of('https://api.example.com', domain), /PASSKEY_DOMAIN/);
});

t.test('a user adds passkeys and logs in with them', async (test) => {
  const { auth, database } = await testAuth(test, { config });
  const user = await registerUser(auth);
  for (const algorithm of ['ES256', 'EdDSA'] as const) {
    const options = await auth.passkeys.registrationOptions(user.identity, undefined, testCaller);
    test.match(options, { rp: { id: place.rpId }, attestation: 'none', authenticatorSelection: { residentKey: 'required', userVerification: 'required' }, user: { name: user.email } });
    test.notOk(JSON.stringify(options['user']).includes(user.user.id), 'the handle is the id’s bytes');
    const key = softwareAuthenticator({ ...place, algorithm });
    const view = await auth.passkeys.register(user.identity, key.create(asCeremony(options)), `My ${algorithm}`, testCaller);
    test.match(view, { id: key.id, name: `My ${algorithm}`, transports: ['internal', 'hybrid'], backedUp: false, lastUsedAt: null });

    const login = await auth.passkeys.login(key.get(await challenge(auth)), testCaller);
    test.match(await identityOf(auth, login), { principal: { userId: user.user.id, kind: 'user' } });
    test.equal(await storedCounter(database, key.id), key.counter);
  }
  test.match(await auth.passkeys.list(user.identity), [{ name: 'My ES256', lastUsedAt: String }, { name: 'My EdDSA' }]);
  const [session] = await database.system((em) => statement(em, `select method, second_factor as "secondFactor" from kernel.sessions order by created_at desc limit 1`));
  test.same(session, { method: 'passkey', secondFactor: true }, 'a verified user with a key has shown two factors');
  const again = await auth.passkeys.registrationOptions(user.identity, undefined, testCaller);
  test.equal((again['excludeCredentials'] as unknown[]).length, 2);
  test.same((await mailTo(database, user.email)).filter((purpose) => purpose === 'passkey-added').length, 2);
  test.same((await auditActions(database, user.tenantId)).filter((action) => action === 'auth.passkey-added').length, 2);
  const { key: silent } = await addPasskey(auth, user.identity, 'EdDSA', false);
  for (let round = 0; round < 2; round += 1) await auth.passkeys.login(silent.get(await challenge(auth)), testCaller);
  test.equal(await storedCounter(database, silent.id), 0, 'a key that does not count is fine');
});

t.test('a registration that is not sound is refused and leaves nothing', async (test) => {
  const { auth, database } = await testAuth(test, { config });
  const user = await registerUser(auth);
  const other = await registerUser(auth);
  const attacks: [what: string, departures: Departures][] = [
    ['another origin', { origin: 'https://docs.example.com.evil.test' }],
    ['another scheme', { origin: 'http://docs.example.com' }],
    ['another domain', { rpId: 'example.com' }],
    ['a framed page', { crossOrigin: true }],
    ['a user who was not verified', { userVerified: false }],
    ['nobody there', { userPresent: false }],
    ['an assertion in place of a registration', { type: 'webauthn.get' }],
    ['an invented challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['an unknown attestation', { attestation: { fmt: 'invented', attStmt: new Map() } }],
    ['a statement that is none', { attestation: { fmt: 'none', attStmt: new Map([['alg', -7]]) } }],
    ['a chain of certificates', { attestation: { fmt: 'packed', attStmt: new Map<string, unknown>([['alg', -7], ['sig', new Uint8Array(64)], ['x5c', [new Uint8Array(64)]]]) } }],
    ['a signature of its own that is wrong', { attestation: { fmt: 'packed', attStmt: new Map<string, unknown>([['alg', -7], ['sig', new Uint8Array(64)]]) } }],
  ];
  const begin = async (identity = user.identity) => asCeremony(await auth.passkeys.registrationOptions(identity, undefined, testCaller));
  for (const [what, departures] of attacks) await test.rejects(auth.passkeys.register(user.identity, softwareAuthenticator(place).create(await begin(), departures), undefined, testCaller), unauthorized, what);

  const options = await begin();
  const key = softwareAuthenticator(place);
  const second = await identityOf(auth, await logIn(auth, user.email));
  await test.rejects(auth.passkeys.register(other.identity, key.create(options), undefined, testCaller), unauthorized, 'another user’s challenge');
  await test.rejects(auth.passkeys.register(user.identity, key.create(options), undefined, testCaller), unauthorized, 'which is spent by that');
  await test.rejects(auth.passkeys.register(second, key.create(await begin()), undefined, testCaller), unauthorized, 'another session’s challenge');
  await test.rejects(auth.passkeys.register(user.identity, key.create(await challenge(auth)), undefined, testCaller), unauthorized, 'a challenge of a login');
  const stale = await begin();
  await database.system((em) => statement(em, 'update kernel.one_time_tokens set expires_at = now()'));
  await test.rejects(auth.passkeys.register(user.identity, key.create(stale), undefined, testCaller), unauthorized, 'a challenge that has ended');
  for (const clientDataJSON of ['e30', 'bnVsbA', 'AA', 'W10']) await test.rejects(auth.passkeys.register(user.identity, { id: key.id, response: { clientDataJSON, attestationObject: 'oA' } }, undefined, testCaller), unauthorized, clientDataJSON);
  const swapped = softwareAuthenticator(place).create(await begin());
  await test.rejects(auth.passkeys.register(user.identity, { ...swapped, id: key.id }, undefined, testCaller), unauthorized, 'another id than the one attested');
  await test.rejects(auth.passkeys.register(user.identity, key.create(await begin()), 'a\nb', testCaller), { code: 'VALIDATION_ERROR' });
  test.same(await auth.passkeys.list(user.identity), []);

  await auth.passkeys.register(user.identity, key.create(await begin()), undefined, testCaller);
  await test.rejects(auth.passkeys.register(other.identity, key.create(await begin(other.identity)), undefined, testCaller), { code: 'CONFLICT' }, 'a key that somebody has');
  test.same(await auth.passkeys.list(other.identity), []);
  await ageSessions(database);
  await test.rejects(auth.passkeys.registrationOptions(user.identity, undefined, testCaller), { code: 'CONFIRMATION_REQUIRED' });
  await test.rejects(auth.passkeys.registrationOptions({ ...user.identity, impersonatorId: crypto.randomUUID() }, goodPassword, testCaller), { code: 'FORBIDDEN' });
  await test.rejects(auth.passkeys.registrationOptions({ ...user.identity, principal: { ...user.identity.principal, kind: 'api-key' } }, goodPassword, testCaller), { code: 'FORBIDDEN' });
  await auth.passkeys.registrationOptions(user.identity, goodPassword, testCaller);
});

t.test('an assertion that is not sound gives no session, and says no more than that', async (test) => {
  const { auth, database } = await testAuth(test, { config });
  const user = await registerUser(auth);
  const other = await registerUser(auth);
  const { key } = await addPasskey(auth, user.identity);
  const { key: foreign } = await addPasskey(auth, other.identity);
  const sessions = async () => (await database.system((em) => statement(em, 'select 1 from kernel.sessions'))).length;
  const before = await sessions();
  const handleOf = (id: string): string => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
  const attacks: [what: string, departures: Departures][] = [
    ['another origin', { origin: 'https://evil.test' }],
    ['another domain', { rpId: 'evil.test' }],
    ['a framed page', { crossOrigin: true }],
    ['a user who was not verified', { userVerified: false }],
    ['nobody there', { userPresent: false }],
    ['a tampered signature', { tampered: true }],
    ['an invented challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['a registration in place of an assertion', { type: 'webauthn.create' }],
    ['another user’s handle', { userHandle: handleOf(other.user.id) }],
    ['no handle', { userHandle: null }],
  ];
  for (const [what, departures] of attacks) await test.rejects(auth.passkeys.login(key.get(await challenge(auth), departures), testCaller), unauthorized, what);
  await test.rejects(auth.passkeys.login({ ...foreign.get(await challenge(auth)), id: key.id }, testCaller), unauthorized, 'signed by another key');
  await test.rejects(auth.passkeys.login(softwareAuthenticator(place).get(await challenge(auth)), testCaller), unauthorized, 'a key that nobody has');
  await test.rejects(auth.passkeys.login(key.get(asCeremony(await auth.passkeys.registrationOptions(user.identity, undefined, testCaller))), testCaller), unauthorized, 'a challenge of a registration');
  const stale = await challenge(auth);
  await database.system((em) => statement(em, 'update kernel.one_time_tokens set expires_at = now()'));
  await test.rejects(auth.passkeys.login(key.get(stale), testCaller), unauthorized, 'a challenge that has ended');
  await auth.members.suspendUser(user.user.id);
  await test.rejects(auth.passkeys.login(key.get(await challenge(auth)), testCaller), unauthorized, 'a suspended user');
  await auth.members.resumeUser(user.user.id);
  test.equal(await sessions(), before);

  const options = await challenge(auth);
  const replayed = key.get(options);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => auth.passkeys.login(replayed, testCaller)));
  test.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1, 'one answer to a challenge counts once');
  await test.rejects(auth.passkeys.login(key.get(options), testCaller), unauthorized, 'a replayed challenge');
  test.equal(await sessions(), before + 1);

  const counter = await storedCounter(database, key.id);
  for (const copied of [counter ?? 0, (counter ?? 0) - 1, 0]) await test.rejects(auth.passkeys.login(key.get(await challenge(auth), { counter: copied }), testCaller), unauthorized, `the counter says ${copied}`);
  await test.rejects(auth.passkeys.login(key.get(await challenge(auth), { counter: 0, tampered: true }), testCaller), unauthorized, 'whoever has no key cannot accuse it');
  test.equal((await auditActions(database, user.tenantId)).filter((action) => action === 'auth.passkey-counter-refused').length, 3);
  test.equal((await mailTo(database, user.email)).filter((purpose) => purpose === 'passkey-counter-refused').length, 3);
  test.equal(await sessions(), before + 1);
  test.equal(await storedCounter(database, key.id), counter);
});

t.test('a passkey is a second factor after a password', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config, now: clock.now });
  const user = await userWithTotp(auth, clock);
  const other = await registerUser(auth);
  const { key } = await addPasskey(auth, user.identity);
  const { key: foreign } = await addPasskey(auth, other.identity);
  clock.step();
  const needed = await firstStep(auth, user.email);
  test.same(needed.methods, ['totp', 'recovery-code', 'passkey']);
  const verify = (passkey: ReturnType<typeof key.get>) => auth.secondStep.verify({ mfaToken: needed.mfaToken, passkey }, testCaller);
  await test.rejects(verify(foreign.get(await challenge(auth))), unauthorized, 'another user’s passkey');
  await test.rejects(verify(foreign.get(await challenge(auth), { userHandle: null })), unauthorized);
  await test.rejects(verify(key.get(await challenge(auth), { userVerified: false })), unauthorized);
  await test.rejects(auth.secondStep.verify({ mfaToken: (await challenge(auth)).challenge, code: codeAt(user.secret, clock.now()) }, testCaller), { code: 'UNAUTHORIZED' }, 'a token of another purpose');
  await test.rejects(auth.passkeys.login(key.get({ challenge: needed.mfaToken }), testCaller), unauthorized, 'nor is the token a challenge');
  test.equal((await auditActions(database, user.tenantId)).filter((action) => action === 'auth.second-factor-failed').length, 3);
  const login = await verify(key.get(await challenge(auth), { userHandle: null }));
  test.match(await identityOf(auth, login), { principal: { userId: user.user.id } });
  const [session] = await database.system((em) => statement(em, `select method, second_factor as "secondFactor" from kernel.sessions order by created_at desc limit 1`));
  test.same(session, { method: 'password', secondFactor: true });
  const direct = await auth.passkeys.login(key.get(await challenge(auth)), testCaller);
  test.match(await identityOf(auth, direct), { principal: { userId: user.user.id } }, 'alone it is both factors');
});

t.test('passkeys are named and removed by their owner, but never the last way in', async (test) => {
  const { auth, database } = await testAuth(test, { config });
  const user = await registerUser(auth);
  const other = await registerUser(auth);
  const { key } = await addPasskey(auth, user.identity);
  const { key: second } = await addPasskey(auth, user.identity, 'EdDSA');
  for (const id of [key.id, 'unknown']) {
    await test.rejects(auth.passkeys.rename(other.identity, id, 'mine', testCaller), { code: 'NOT_FOUND' });
    await test.rejects(auth.passkeys.remove(other.identity, id, undefined, testCaller), { code: 'NOT_FOUND' });
  }
  await test.rejects(auth.passkeys.rename({ ...user.identity, impersonatorId: crypto.randomUUID() }, key.id, 'mine', testCaller), { code: 'FORBIDDEN' });
  await test.rejects(auth.passkeys.rename(user.identity, key.id, 'a\u202eb', testCaller), { code: 'VALIDATION_ERROR' });
  test.match(await auth.passkeys.rename(user.identity, key.id, 'Phone', testCaller), { id: key.id, name: 'Phone' });

  await dropPassword(database, user.user.id);
  const removals = await Promise.allSettled([key, second].map(({ id }) => auth.passkeys.remove(user.identity, id, undefined, testCaller)));
  test.equal(removals.filter(({ status }) => status === 'fulfilled').length, 1, 'of two at once one stays');
  test.match(removals.find(({ status }) => status === 'rejected'), { reason: { code: 'CONFLICT' } });
  const left = await auth.passkeys.list(user.identity);
  test.equal(left.length, 1);
  await database.system((em) => statement(em, `insert into kernel.external_identities (issuer, subject, provider, user_id) values ('https://id.example', 'ada', 'example', $1)`, [user.user.id]));
  await ageSessions(database);
  await test.rejects(auth.passkeys.remove(user.identity, left[0]?.id ?? '', undefined, testCaller), { code: 'CONFIRMATION_REQUIRED' });
  await database.system((em) => statement(em, 'update kernel.sessions set created_at = now()'));
  await auth.passkeys.remove(user.identity, left[0]?.id ?? '', undefined, testCaller);
  test.same(await auth.passkeys.list(user.identity), []);
  await test.rejects(auth.passkeys.login([key, second].find(({ id }) => id === left[0]?.id)?.get(await challenge(auth)) ?? key.get(await challenge(auth)), testCaller), unauthorized, 'a removed one is of no use');
  test.same((await auditActions(database, user.tenantId)).filter((action) => action === 'auth.passkey-removed').length, 2);
  test.same((await mailTo(database, user.email)).filter((purpose) => purpose === 'passkey-removed').length, 2);
});

t.test('an account has a bounded number of passkeys', async (test) => {
  const { auth, database } = await testAuth(test, { config });
  const user = await registerUser(auth);
  const key = softwareAuthenticator(place);
  const options = asCeremony(await auth.passkeys.registrationOptions(user.identity, undefined, testCaller));
  await database.system((em) => statement(em, `insert into kernel.passkeys (id, user_id, name, public_key, counter, transports, backed_up) select 'k' || n, $1, 'k', '\\x00', 0, '[]', false from generate_series(1, 25) n`, [user.user.id]));
  await test.rejects(auth.passkeys.register(user.identity, key.create(options), undefined, testCaller), { code: 'CONFLICT' });
  await test.rejects(auth.passkeys.registrationOptions(user.identity, undefined, testCaller), { code: 'CONFLICT' });
});
