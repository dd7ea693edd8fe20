import { generateKeyPairSync } from 'node:crypto';
import jwt from '@fastify/jwt';
import Fastify from 'fastify';
import { registerUser, testAuth } from '../support/auth.ts';
import type { BenchRow } from './database.ts';

const rounds = 7;
const roundMs = 300;
const callsBetweenLooks = 50;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

type Once = () => unknown;

async function perSecond(once: Once): Promise<number> {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < roundMs) {
    for (let call = 0; call < callsBetweenLooks; call += 1) await once();
    calls += callsBetweenLooks;
  }
  return (calls / (performance.now() - start)) * 1000;
}

/** Medians of both, measured in turns, so that a change of the machine's mood hits both. */
async function compare(name: string, ours: Once, baseline: Once, target: number): Promise<BenchRow> {
  const [ourRates, baseRates]: [number[], number[]] = [[], []];
  await perSecond(ours);
  await perSecond(baseline);
  for (let round = 0; round < rounds; round += 1) {
    ourRates.push(await perSecond(ours));
    baseRates.push(await perSecond(baseline));
  }
  const [our, base] = [median(ourRates), median(baseRates)];
  return { name, unit: 'per second', ours: Math.round(our), baseline: Math.round(base), ratio: our / base, target };
}

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

/** `authenticate` and `can` with warm caches, against a JWT check that knows nothing of sessions, roles and tenants. */
export async function benchAuth(): Promise<BenchRow[]> {
  const undo: (() => unknown)[] = [];
  try {
    const { auth } = await testAuth({ teardown: (fn) => undo.unshift(fn) });
    const { authorization, identity, tenantId } = await registerUser(auth);
    const verify = await bareVerifier(false);
    const cached = await bareVerifier(1_000);
    return [
      await compare('authenticate (warm) vs bare JWT verify', () => auth.authenticate({ authorization }), verify, 1),
      await compare('authenticate with team (warm) vs bare JWT verify', () => auth.authenticate({ authorization, teamId: tenantId }), verify, 1),
      await compare('authenticate (warm) vs JWT verify with a cache', () => auth.authenticate({ authorization }), cached, 0.5),
      await compare('can() vs JWT verify with a cache', () => auth.can(identity, 'files:delete'), cached, 1),
    ];
  } finally {
    for (const fn of undo) await fn();
  }
}
