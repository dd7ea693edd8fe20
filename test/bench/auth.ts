import { generateKeyPairSync } from 'node:crypto';
import jwt from '@fastify/jwt';
import { hash, verify as compareHash } from '@node-rs/bcrypt';
import Fastify from 'fastify';
import { goodPassword, logIn, registerUser, testAuth } from '../support/auth.ts';
import { benchApiKeys } from './api-keys.ts';
import { benchPermissions } from './permissions.ts';
import { type BenchRow, inTurns, type Pace, pairedRow, perSecond, ratioAtLeast, withTeardown } from './support.ts';

const rounds = 7;
const pace: Pace = { roundMs: 300, concurrency: 1 };

type Once = () => unknown;

const compare = async (name: string, ours: Once, baseline: Once, target: number): Promise<BenchRow> => pairedRow(name, 'per second', await inTurns(rounds, () => perSecond(ours, pace), () => perSecond(baseline, pace)), ratioAtLeast(target));

/** An EdDSA token of the same size, verified by @fastify/jwt alone. */
async function bareVerifier(cache: number | false): Promise<Once> {
  const keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  const fastify = Fastify();
  await fastify.register(jwt, { secret: { private: keys.privateKey, public: keys.publicKey }, sign: { algorithm: 'EdDSA' }, verify: { algorithms: ['EdDSA'], cache, errorCacheTTL: 0 } });
  await fastify.ready();
  const id = '01900000-0000-4000-8000-000000000000';
  const token = fastify.jwt.sign({ sid: id, tid: id }, { sub: id, iss: 'http://localhost:3000', aud: 'proofpix', kid: id, expiresIn: '1h', key: keys.privateKey, algorithm: 'EdDSA' });
  return () => fastify.jwt.verify(token);
}

/** A login is a hash on purpose; what is around it should not be felt. */
async function benchLogin(): Promise<BenchRow> {
  return withTeardown(async (t) => {
    const { auth } = await testAuth(t, { config: { bcryptCost: 12 } });
    const { email } = await registerUser(auth);
    const stored = await hash(goodPassword, { cost: 12 });
    const slow: Pace = { roundMs: 1_500, concurrency: 1 };
    const pairs = await inTurns(rounds, () => perSecond(() => logIn(auth, email), slow), () => perSecond(() => compareHash(goodPassword, stored), slow));
    return pairedRow('login vs bcrypt of cost 12 alone', 'per second', pairs, ratioAtLeast(0.9));
  });
}

/** `authenticate` and `can` with warm caches, against a JWT check that knows nothing of sessions, roles and tenants. */
export async function benchAuth(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const { auth } = await testAuth(t);
    const { authorization, identity, tenantId } = await registerUser(auth);
    const verify = await bareVerifier(false);
    const cached = await bareVerifier(1_000);
    return [
      await compare('authenticate (warm) vs bare JWT verify', () => auth.authenticate({ authorization }), verify, 1),
      await compare('authenticate with team (warm) vs bare JWT verify', () => auth.authenticate({ authorization, teamId: tenantId }), verify, 1),
      await compare('authenticate (warm) vs JWT verify with a cache', () => auth.authenticate({ authorization }), cached, 0.5),
      await compare('can() vs JWT verify with a cache', () => auth.can(identity, 'files:delete'), cached, 1),
      await benchLogin(),
      ...(await benchApiKeys()),
      ...(await benchPermissions()),
    ];
  });
}
