import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, NotFound } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import type { Vault } from '../../storage/contract.ts';
import { RefreshTokenMissing } from './errors.ts';

/** What a provider gave. */
export interface ProviderTokens {
  accessToken: string;
  tokenType: string;
  refreshToken: string | null;
  scope: string | null;
  /** RFC 3339 */
  expiresAt: string | null;
}

export interface HeldTokens {
  issuer: string;
  subject: string;
  tokens: ProviderTokens;
}

export type Lease = { outcome: 'lease'; leaseId: string; tokens: ProviderTokens } | { outcome: 'fresh'; leaseId: null; tokens: ProviderTokens } | { outcome: 'busy'; leaseId: null; tokens: null };

/** Longer than a provider is given to answer, so that a lease outlives whoever is still at it. */
const leaseFor = `interval '30 seconds'`;
/** Who asks so soon after a renewal was waiting for it. */
const freshFor = `interval '10 seconds'`;

/** Providers' tokens: in the database only in an envelope that is bound to the identity. Renewed by one node at a time. */
export interface TokenStore {
  seal(identity: { issuer: string; subject: string }, tokens: ProviderTokens): Promise<Buffer>;
  open(identity: { issuer: string; subject: string }, sealed: Buffer): Promise<ProviderTokens>;
  /** @throws NOT_FOUND */
  get(userId: string, provider: string): Promise<HeldTokens>;
  /** @throws NOT_FOUND, REFRESH_TOKEN_MISSING */
  lease(userId: string, provider: string): Promise<Lease>;
  /** @throws CONFLICT when the lease has passed on, or the link is gone */
  store(userId: string, provider: string, leaseId: string, tokens: ProviderTokens): Promise<void>;
  release(userId: string, provider: string, leaseId: string, isRefused: boolean): Promise<void>;
}

interface Row {
  issuer: string;
  subject: string;
  sealed: Buffer | null;
  isFresh: boolean;
  isLeased: boolean;
}

const missing = () => NotFound({ message: 'No account of this provider is linked.' });

export function tokenStore({ database, vault }: { database: Database; vault: Vault }): TokenStore {
  const contextOf = ({ issuer, subject }: { issuer: string; subject: string }): string => JSON.stringify(['external identity', issuer, subject]);

  const seal: TokenStore['seal'] = async (identity, tokens) => Buffer.from(await vault.seal(Buffer.from(JSON.stringify(tokens)), contextOf(identity)));
  const open: TokenStore['open'] = async (identity, sealed) => JSON.parse(Buffer.from(await vault.open(sealed, contextOf(identity))).toString('utf8')) as ProviderTokens;

  async function row(em: EntityManager, userId: string, provider: string, lock: string): Promise<Row & { sealed: Buffer }> {
    const [found] = await statement<Row>(
      em,
      `select issuer, subject, tokens_sealed as sealed, coalesce(refreshed_at > now() - ${freshFor}, false) as "isFresh", coalesce(refresh_lease_until > now(), false) as "isLeased"
       from kernel.external_identities where user_id = $1 and provider = $2 ${lock}`,
      [userId, provider],
    );
    if (found === undefined || found.sealed === null) throw missing();
    return found as Row & { sealed: Buffer };
  }

  return {
    seal,
    open,
    async get(userId, provider) {
      const found = await database.system((em) => row(em, userId, provider, ''));
      return { issuer: found.issuer, subject: found.subject, tokens: await open(found, found.sealed) };
    },
    lease: (userId, provider) =>
      database.system(async (em): Promise<Lease> => {
        const found = await row(em, userId, provider, 'for update');
        const tokens = await open(found, found.sealed);
        if (found.isFresh) return { outcome: 'fresh', leaseId: null, tokens };
        if (found.isLeased) return { outcome: 'busy', leaseId: null, tokens: null };
        if (tokens.refreshToken === null) throw RefreshTokenMissing();
        const leaseId = randomUUID();
        await statement(em, `update kernel.external_identities set refresh_lease = $3, refresh_lease_until = now() + ${leaseFor} where user_id = $1 and provider = $2`, [userId, provider, leaseId]);
        return { outcome: 'lease', leaseId, tokens };
      }),
    store: (userId, provider, leaseId, tokens) =>
      database.system(async (em) => {
        const found = await row(em, userId, provider, 'for update').catch(() => null);
        const stored =
          found === null
            ? 0
            : await statementCount(
                em,
                `update kernel.external_identities set tokens_sealed = $4, tokens_expire_at = $5, refreshed_at = now(), refresh_lease = null, refresh_lease_until = null
                 where user_id = $1 and provider = $2 and refresh_lease = $3`,
                [userId, provider, leaseId, await seal(found, tokens), tokens.expiresAt],
              );
        if (stored === 0) throw Conflict({ message: 'The link has ended or changed since.' });
      }),
    release: (userId, provider, leaseId, isRefused) =>
      database.system(async (em) => {
        const found = await row(em, userId, provider, 'for update').catch(() => null);
        if (found === null) return;
        const kept = isRefused ? await seal(found, { ...(await open(found, found.sealed)), refreshToken: null }) : found.sealed;
        await statement(em, 'update kernel.external_identities set tokens_sealed = $4, refresh_lease = null, refresh_lease_until = null where user_id = $1 and provider = $2 and refresh_lease = $3', [userId, provider, leaseId, kept]);
      }),
  };
}
