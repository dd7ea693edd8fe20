import jwt from '@fastify/jwt';
import Fastify from 'fastify';
import { Unauthorized } from '@proofpix/sdk';
import type { SigningKeys } from './signing-keys.ts';

/** What an access token says. Role, rights and whether the session still lives are looked up, never carried. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  tenantId: string | null;
  /** milliseconds since the epoch */
  expiresAt: number;
}

export interface AccessTokens {
  /** `actorId` is who acts for the user: the claim `act` (RFC 8693, section 4.1), which tells others; that the session says so too is what counts here. */
  sign(claims: Omit<AccessClaims, 'expiresAt'> & { actorId?: string; /** default the deployment's */ expiresInSeconds?: number }): Promise<string>;
  /** @throws UNAUTHORIZED for anything but an unexpired token of this deployment */
  verify(token: string): Promise<AccessClaims>;
}

export interface AccessTokenOptions {
  keys: SigningKeys;
  /** fixed HS256 secret instead of the keys; at least 32 characters */
  secret?: string | undefined;
  expiresInSeconds: number;
  issuer: string;
}

const audience = 'proofpix';
const clockToleranceMs = 5_000;
const maxTokenLength = 4_096;
const leastSecretLength = 32;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const isUuid = (value: unknown): value is string => typeof value === 'string' && uuid.test(value);
const refused = (cause?: unknown) => Unauthorized({ message: 'The access token is not valid.', cause });

/**
 * Access tokens as JWT (RFC 7519). The algorithm is the deployment's, never the token's: EdDSA with a key found by
 * `kid`, or HS256 with the fixed secret (RFC 8725, sections 3.1 and 3.2).
 *
 * @throws Error naming JWT_SECRET when it is too short
 */
export async function openAccessTokens({ keys, secret, expiresInSeconds, issuer }: AccessTokenOptions): Promise<AccessTokens> {
  if (secret !== undefined && secret.length < leastSecretLength) throw new Error(`JWT_SECRET must have at least ${leastSecretLength} characters`);
  const algorithm = secret === undefined ? 'EdDSA' : 'HS256';
  // @fastify/jwt lives on an instance; sockets and jobs verify too, so this one belongs to no server and never listens
  const instance = Fastify();
  const first = secret === undefined ? await keys.current() : null;
  await instance.register(jwt, { secret: secret ?? { private: first?.privateKey ?? '', public: (await keys.publicKey(first?.kid ?? '')) ?? '' }, sign: { algorithm, iss: issuer, aud: audience } });
  await instance.ready();

  async function verifyingKey(token: string): Promise<string> {
    if (secret !== undefined) return secret;
    const { header } = instance.jwt.decode<{ header: { kid?: unknown } }>(token, { complete: true }) ?? { header: {} };
    const key = typeof header.kid === 'string' && header.kid.length <= 64 ? await keys.publicKey(header.kid) : null;
    if (key === null) throw refused();
    return key;
  }

  return {
    async sign({ userId, sessionId, tenantId, actorId, expiresInSeconds: life = expiresInSeconds }) {
      const payload = { sid: sessionId, ...(tenantId === null ? {} : { tid: tenantId }), ...(actorId === undefined ? {} : { act: { sub: actorId } }) };
      const signing = secret === undefined ? await keys.current() : { kid: undefined, privateKey: secret };
      return instance.jwt.sign(payload, { algorithm, iss: issuer, aud: audience, sub: userId, expiresIn: `${life}s`, key: signing.privateKey, ...(signing.kid === undefined ? {} : { kid: signing.kid }) });
    },
    async verify(token) {
      if (token.length > maxTokenLength) throw refused();
      let claims: Record<string, unknown>;
      try {
        claims = instance.jwt.verify<Record<string, unknown>>(token, {
          key: await verifyingKey(token),
          algorithms: [algorithm],
          allowedIss: issuer,
          allowedAud: audience,
          clockTolerance: clockToleranceMs,
          requiredClaims: ['iss', 'aud', 'sub', 'sid', 'exp'],
          errorCacheTTL: 0,
        });
      } catch (cause) {
        throw refused(cause);
      }
      const { sub, sid, tid = null, exp } = claims;
      if (!isUuid(sub) || !isUuid(sid) || !(tid === null || isUuid(tid)) || typeof exp !== 'number') throw refused();
      return { userId: sub, sessionId: sid, tenantId: tid, expiresAt: exp * 1000 };
    },
  };
}
