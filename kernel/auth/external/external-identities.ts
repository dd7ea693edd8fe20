import type { EntityManager } from '@mikro-orm/postgresql';
import { Forbidden, NotFound } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import { normaliseEmail } from '../email.ts';
import type { Owner } from '../owner.ts';
import type { SecondFactorNeeded } from '../second-factor/gate.ts';
import type { BegunSession, CallerOf, Login, SignIn } from '../sign-in.ts';
import { insertUser, userByEmail, userById, type UserRecord } from '../users.ts';
import { requireOtherWayIn } from '../ways-in.ts';
import { AccountExists, EmailNotVerified, IdentityTaken, ProviderLinked } from './errors.ts';
import type { ProviderTokens, TokenStore } from './provider-tokens.ts';

/** Who somebody is at a provider. `(issuer, subject)` never changes hands; an address does, so it identifies nobody. */
export interface ExternalProfile {
  provider: string;
  issuer: string;
  subject: string;
  email: string | null;
  emailVerified: boolean;
  firstName: string;
  lastName: string;
}

/** A link as its owner sees it. Times in RFC 3339. */
export interface Connection {
  provider: string;
  issuer: string;
  subject: string;
  email: string | null;
  scope: string | null;
  hasRefreshToken: boolean;
  linkedAt: string;
  lastUsedAt: string | null;
  tokensExpireAt: string | null;
}

export interface ExternalIdentities {
  /** @throws ACCOUNT_EXISTS, EMAIL_NOT_VERIFIED, FORBIDDEN for a suspended account */
  signIn(profile: ExternalProfile, tokens: ProviderTokens, caller: CallerOf): Promise<Login | SecondFactorNeeded>;
  /** Linking again what is linked renews its tokens. @throws IDENTITY_TAKEN, PROVIDER_LINKED */
  link(owner: Owner, profile: ExternalProfile, tokens: ProviderTokens, requestId: string | null): Promise<Connection>;
  list(userId: string): Promise<Connection[]>;
  /** Ends the sessions that began by it, but for the owner's own. @throws NOT_FOUND; CONFLICT when it is the last way in */
  unlink(owner: Owner, provider: string, requestId: string | null): Promise<{ issuer: string; subject: string; tokens: ProviderTokens | null }>;
}

export interface ExternalIdentitiesOptions {
  database: Database;
  tokens: TokenStore;
  entrance: SignIn;
  changes: AuthChanges;
  audit: Auth['audit'];
}

interface Row extends Omit<Connection, 'scope' | 'hasRefreshToken'> {
  userId: string;
  sealed: Buffer | null;
}

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `user_id as "userId", provider, issuer, subject, email, tokens_sealed as sealed, ${utc('linked_at')} as "linkedAt", ${utc('last_used_at')} as "lastUsedAt", ${utc('tokens_expire_at')} as "tokensExpireAt"`;
const maxNameLength = 100;
const lost = Symbol('somebody else was first');

/** Names from elsewhere are only shown: what ours may not hold is left out, not refused. */
function nameOf(given: string, otherwise: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not come in
  const name = given.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069<>]/gu, '').trim().slice(0, maxNameLength);
  return name === '' ? otherwise : name;
}

export function externalIdentities({ database, tokens: store, entrance, changes, audit }: ExternalIdentitiesOptions): ExternalIdentities {
  async function find(em: EntityManager, { issuer, subject }: { issuer: string; subject: string }, lock = ''): Promise<Row | null> {
    const [row] = await statement<Row>(em, `select ${columns} from kernel.external_identities where issuer = $1 and subject = $2 ${lock}`, [issuer, subject]);
    return row ?? null;
  }

  /** False when the identity, or another of the provider, is there already. */
  async function insert(em: EntityManager, userId: string, profile: ExternalProfile, tokens: ProviderTokens): Promise<boolean> {
    const inserted = await statementCount(
      em,
      `insert into kernel.external_identities (issuer, subject, provider, user_id, email, tokens_sealed, tokens_expire_at, last_used_at) values ($1, $2, $3, $4, $5, $6, $7, now()) on conflict do nothing`,
      [profile.issuer, profile.subject, profile.provider, userId, profile.email, await store.seal(profile, tokens), tokens.expiresAt],
    );
    return inserted > 0;
  }

  /** A provider that gives a refresh token only once must not lose it with the next sign-in. */
  async function renew(em: EntityManager, row: Row, profile: ExternalProfile, tokens: ProviderTokens): Promise<void> {
    const before = row.sealed === null ? null : await store.open(row, row.sealed);
    const kept = { ...tokens, refreshToken: tokens.refreshToken ?? before?.refreshToken ?? null };
    await statement(em, 'update kernel.external_identities set email = $3, tokens_sealed = $4, tokens_expire_at = $5, last_used_at = now() where issuer = $1 and subject = $2', [row.issuer, row.subject, profile.email, await store.seal(row, kept), kept.expiresAt]);
  }

  const record = (em: EntityManager, owner: Owner, action: string, { provider, issuer, subject }: Pick<ExternalProfile, 'provider' | 'issuer' | 'subject'>, requestId: string | null): Promise<void> =>
    audit({ tenantId: owner.tenantId, actor: { kind: 'user', userId: owner.userId, credentialId: owner.sessionId, operator: owner.operator }, action, target: owner.userId, details: { provider, issuer, subject }, requestId }, em);

  const refused = (user: UserRecord, profile: ExternalProfile, reason: string, caller: CallerOf): Promise<void> =>
    audit({ tenantId: null, actor: { kind: 'public', userId: null, credentialId: null, operator: false }, action: 'auth.sign-in-refused', target: user.id, details: { reason, method: `oauth:${profile.provider}`, address: caller.address }, requestId: caller.requestId });

  async function view(row: Row): Promise<Connection> {
    const { userId: _userId, sealed, ...shown } = row;
    const tokens = sealed === null ? null : await store.open(row, sealed);
    return { ...shown, scope: tokens?.scope ?? null, hasRefreshToken: tokens?.refreshToken != null };
  }

  /** Who has the identity, with its tokens renewed; null for nobody. */
  const known = (profile: ExternalProfile, tokens: ProviderTokens): Promise<UserRecord | null> =>
    database.system(async (em) => {
      const row = await find(em, profile, 'for update');
      const user = row === null ? null : await userById(em, row.userId);
      if (row !== null && user?.status === 'active') await renew(em, row, profile, tokens);
      return user;
    });

  /** A new account with a session, or `lost` when the identity or the address came to be meanwhile. */
  async function enrol(email: string, profile: ExternalProfile, tokens: ProviderTokens, caller: CallerOf): Promise<{ user: UserRecord; session: BegunSession } | typeof lost> {
    const firstName = nameOf(profile.firstName, nameOf(email.slice(0, email.lastIndexOf('@')), 'New'));
    try {
      return await database.system(async (em) => {
        const made = await insertUser(em, { email, firstName, lastName: nameOf(profile.lastName, 'User'), passwordHash: null, operator: false });
        if (made === null || !(await insert(em, made.user.id, profile, tokens))) throw lost;
        await statement(em, 'update kernel.users set email_verified_at = now() where id = $1', [made.user.id]);
        return { user: made.user, session: await entrance.begin(em, made.user, { method: `oauth:${profile.provider}`, secondFactor: false }, caller, { action: 'auth.registered', tenantId: made.tenantId }) };
      });
    } catch (error) {
      if (error === lost) return lost;
      throw error;
    }
  }

  /** Whoever disconnects an account may no longer trust whoever holds it. */
  async function endSessions(em: EntityManager, owner: Owner, provider: string): Promise<void> {
    const ended = await statement<{ id: string }>(em, `update kernel.sessions set revoked_at = now(), revoked_for = 'unlinked', successor = null where user_id = $1 and method = $2 and revoked_at is null and id <> $3 returning id`, [owner.userId, `oauth:${provider}`, owner.sessionId]);
    if (ended.length > 0) await changes.record(em, ...ended.map(({ id }) => ({ revoked: true, credentialId: id })));
  }

  return {
    async signIn(profile, tokens, caller) {
      // a second time when the same person came in elsewhere between two of these steps
      for (let attempt = 1; ; attempt++) {
        const user = await known(profile, tokens);
        if (user !== null) {
          if (user.status === 'active') return entrance.proceed(user, `oauth:${profile.provider}`, caller);
          await refused(user, profile, user.status, caller);
          throw Forbidden({ message: 'This account cannot sign in.' });
        }
        const email = profile.emailVerified && profile.email !== null ? normaliseEmail(profile.email) : null;
        if (email === null) throw EmailNotVerified();
        const holder = await database.system((em) => userByEmail(em, email));
        if (holder !== null && attempt === 1) continue;
        if (holder !== null) {
          await refused(holder, profile, 'account-exists', caller);
          throw AccountExists();
        }
        const enrolled = await enrol(email, profile, tokens, caller);
        if (enrolled !== lost) return entrance.answer(enrolled.user, enrolled.session);
        if (attempt === 2) throw AccountExists();
      }
    },
    async link(owner, profile, tokens, requestId) {
      const row = await database.system(async (em) => {
        // one after the other for a user, so that what is there is seen
        await statement(em, 'select 1 from kernel.users where id = $1 for update', [owner.userId]);
        const before = await find(em, profile, 'for update');
        if (before !== null && before.userId !== owner.userId) throw IdentityTaken();
        if (before !== null) await renew(em, before, profile, tokens);
        else if (!(await insert(em, owner.userId, profile, tokens))) throw (await find(em, profile)) === null ? ProviderLinked() : IdentityTaken();
        await record(em, owner, before === null ? 'auth.identity-linked' : 'auth.identity-renewed', profile, requestId);
        return (await find(em, profile)) as Row;
      });
      return view(row);
    },
    async list(userId) {
      const rows = await database.system((em) => statement<Row>(em, `select ${columns} from kernel.external_identities where user_id = $1 order by provider`, [userId]));
      return Promise.all(rows.map(view));
    },
    async unlink(owner, provider, requestId) {
      const gone = await database.system(async (em) => {
        const ofUser = await statement<Row>(em, `select ${columns} from kernel.external_identities where user_id = $1 and provider = $2`, [owner.userId, provider]);
        if (ofUser[0] === undefined) throw NotFound({ message: 'No account of this provider is linked.' });
        await requireOtherWayIn(em, owner.userId);
        // read again behind the lock: a renewal may have replaced the tokens that are to be revoked
        const [row] = await statement<Row>(em, `delete from kernel.external_identities where user_id = $1 and provider = $2 returning ${columns}`, [owner.userId, provider]);
        if (row === undefined) throw NotFound({ message: 'No account of this provider is linked.' });
        await endSessions(em, owner, provider);
        await record(em, owner, 'auth.identity-unlinked', row, requestId);
        return { issuer: row.issuer, subject: row.subject, tokens: row.sealed === null ? null : await store.open(row, row.sealed) };
      });
      await changes.catchUp();
      return gone;
    },
  };
}
