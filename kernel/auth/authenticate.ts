import { Forbidden, Unauthorized } from '@proofpix/sdk';
import type { AccessClaims, AccessTokens } from './access-tokens.ts';
import { boundedMap } from './bounded-map.ts';
import type { Auth, Credentials, Identity } from './contract.ts';
import type { Identities } from './identities.ts';
import type { KeyCheck } from './keys/key-check.ts';

const maxVerified = 20_000;
const bearer = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Says nothing of whether the tenant exists. */
const notMember = () => Forbidden({ message: 'You are not a member of this team.', details: { field: 'headers.x-team-id' } });
const ended = () => Unauthorized({ message: 'The session has ended.' });

/** From credentials to the identity behind them. */
export function authentication({ tokens, checkKey, identities }: { tokens: AccessTokens; checkKey: KeyCheck; identities: Identities }): Auth['authenticate'] {
  /** only what the signature proves, never past the token's end; whether the session lives is asked each time */
  const verified = boundedMap<AccessClaims>(maxVerified);

  async function claimsOf(token: string): Promise<AccessClaims> {
    // by the token itself: hashing it first costs a tenth of a request, and it passes through this process's memory anyway
    const cached = verified.get(token);
    if (cached !== undefined && cached.expiresAt > Date.now()) return cached;
    verified.delete(token);
    const claims = await tokens.verify(token);
    if (claims.expiresAt > Date.now()) verified.set(token, claims);
    return claims;
  }

  async function byToken(authorization: string, teamId: string | null): Promise<Identity> {
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined) throw Unauthorized({ message: 'The Authorization header must be a bearer token.' });
    const { userId, sessionId, tenantId } = await claimsOf(token);
    const found = await identities.ofSession(sessionId, userId, teamId ?? tenantId);
    if ('identity' in found) return found.identity;
    // no longer in the token's own tenant: a refresh leads to one that the user is in
    throw found.refused === 'not-member' && teamId !== null ? notMember() : ended();
  }

  async function byKey(apiKey: string, teamId: string | null, from: Pick<Credentials, 'address' | 'request'>): Promise<Identity> {
    const identity = await checkKey(apiKey, from);
    if (teamId !== null && teamId !== identity.tenantId) throw notMember();
    return identity;
  }

  return async (credentials) => {
    const { authorization, apiKey, teamId } = credentials;
    if (authorization === undefined && apiKey === undefined) return null;
    if (authorization !== undefined && apiKey !== undefined) throw Unauthorized({ message: 'Send either an Authorization header or an API key, not both.' });
    const team = teamId === undefined || teamId === '' ? null : teamId.toLowerCase();
    // who asks is settled first: a stranger learns nothing about teams
    const wanted = team === null || uuid.test(team) ? team : 'none';
    if (wanted === 'none') {
      await (authorization === undefined ? byKey(apiKey ?? '', null, credentials) : byToken(authorization, null));
      throw notMember();
    }
    return authorization === undefined ? byKey(apiKey ?? '', wanted, credentials) : byToken(authorization, wanted);
  };
}
