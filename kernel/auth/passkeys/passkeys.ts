import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, type JsonObject, NotFound, Unauthorized } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import type { Auth, Identity } from '../contract.ts';
import type { TellOwner } from '../factor-notices.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import { type Owner, type Reauthentication, requireOwner } from '../owner.ts';
import { requireName } from '../person-name.ts';
import type { CallerOf, Login, SignIn } from '../sign-in.ts';
import { userById } from '../users.ts';
import { requireOtherWayIn } from '../ways-in.ts';
import type { AssertionCheck, GivenAssertion } from './assertion.ts';
import type { GivenAttestation } from './ceremonies.ts';
import { ceremonies } from './open-ceremonies.ts';
import type { RelyingParty } from './relying-party.ts';
import { userHandleBytes } from './user-handle.ts';

export interface PasskeyView {
  /** credential id in base64url */
  id: string;
  name: string;
  transports: string[];
  /** kept by a provider for several devices, rather than in one device alone */
  backedUp: boolean;
  /** RFC 3339 */
  createdAt: string;
  lastUsedAt: string | null;
}

/** Options for a browser's `navigator.credentials`, as JSON. */
export type CeremonyOptions = Record<string, unknown>;

/**
 * Passkeys: keys that authenticators hold, which check the user themselves (by PIN, finger or face) and so are two
 * factors at once. What concerns a user's own is FORBIDDEN for keys and impersonation.
 */
export interface Passkeys {
  /** A challenge for five minutes. @throws CONFLICT when the user has as many as may be; as {@link Reauthentication} */
  registrationOptions(identity: Identity | null, password: string | undefined, caller: CallerOf): Promise<CeremonyOptions>;
  /** @throws UNAUTHORIZED for a registration that is not sound; CONFLICT for a passkey that is registered already; VALIDATION_ERROR */
  register(identity: Identity | null, given: GivenAttestation, name: string | undefined, caller: CallerOf): Promise<PasskeyView>;
  /** A challenge for five minutes, the same for everybody: the passkey says who signs in. */
  loginOptions(): Promise<CeremonyOptions>;
  /** @throws UNAUTHORIZED, one answer for everything that can be wrong */
  login(given: GivenAssertion, caller: CallerOf): Promise<Login>;
  list(identity: Identity | null): Promise<PasskeyView[]>;
  /** @throws NOT_FOUND, also for another user's; VALIDATION_ERROR */
  rename(identity: Identity | null, passkeyId: string, name: string, caller: CallerOf): Promise<PasskeyView>;
  /** @throws NOT_FOUND, also for another user's; CONFLICT for the last way in; as {@link Reauthentication} */
  remove(identity: Identity | null, passkeyId: string, password: string | undefined, caller: CallerOf): Promise<void>;
}

export interface PasskeysOptions {
  database: Database;
  oneTime: OneTimeTokens;
  assertions: AssertionCheck;
  party: RelyingParty;
  reauthentication: Reauthentication;
  signIn: SignIn;
  audit: Auth['audit'];
  tell: TellOwner;
}

const maxPasskeys = 25;
const challengeMs = 300_000;
const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const view = `id, name, transports, backed_up as "backedUp", ${moment('created_at')} as "createdAt", ${moment('last_used_at')} as "lastUsedAt"`;

/** The token is the challenge, so that the answer itself names it. */
const challengeBytes = (token: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(token, 'base64url'));

export function passkeys({ database, oneTime, assertions, party, reauthentication, signIn, audit, tell }: PasskeysOptions): Passkeys {
  const record = (em: EntityManager, { userId, sessionId, tenantId, operator }: Owner, action: string, details: JsonObject, caller: CallerOf): Promise<void> =>
    audit({ tenantId, actor: { kind: 'user', userId, credentialId: sessionId, operator }, action, target: userId, details: { address: caller.address, ...details }, requestId: caller.requestId }, em);

  async function requireRoom(em: EntityManager, userId: string): Promise<void> {
    const [row] = await statement<{ n: number }>(em, 'select count(*)::int as n from kernel.passkeys where user_id = $1', [userId]);
    if ((row?.n ?? 0) >= maxPasskeys) throw Conflict({ message: `An account has at most ${maxPasskeys} passkeys.` });
  }

  return {
    async registrationOptions(identity, password, caller) {
      const owner = requireOwner(identity);
      const user = await reauthentication.require(owner, password, caller);
      const { token, known } = await database.system(async (em) => {
        await requireRoom(em, owner.userId);
        return {
          token: await oneTime.issue(em, { purpose: 'passkey-registration', userId: owner.userId, data: { sessionId: owner.sessionId }, lifeMs: challengeMs }),
          known: await statement<{ id: string }>(em, 'select id from kernel.passkeys where user_id = $1', [owner.userId]),
        };
      });
      const { algorithms, generateRegistrationOptions } = await ceremonies();
      const options = await generateRegistrationOptions({
        rpName: party.name,
        rpID: party.id,
        userID: userHandleBytes(owner.userId),
        userName: user.email,
        userDisplayName: `${user.firstName} ${user.lastName}`,
        challenge: challengeBytes(token),
        timeout: challengeMs,
        attestationType: 'none',
        excludeCredentials: known,
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: [...algorithms],
      });
      return { ...options };
    },

    async register(identity, given, name, caller) {
      const owner = requireOwner(identity);
      const title = name === undefined ? 'Passkey' : requireName(name, 'name');
      const { challengeOf, verifyAttestation } = await ceremonies();
      const challenge = challengeOf(given.response.clientDataJSON);
      const taken = challenge === null ? null : await database.system((em) => oneTime.take(em, 'passkey-registration', challenge));
      const isOwn = taken?.userId === owner.userId && taken.data?.['sessionId'] === owner.sessionId;
      const made = challenge !== null && isOwn ? await verifyAttestation(party, challenge, given) : null;
      if (made === null) throw Unauthorized({ message: 'The passkey was not accepted.' });
      return database.system(async (em) => {
        const user = await userById(em, owner.userId);
        if (user === null) throw Unauthorized();
        // registrations at once must not pass the bound together
        await statement(em, 'select 1 from kernel.users where id = $1 for update', [owner.userId]);
        await requireRoom(em, owner.userId);
        const [row] = await statement<PasskeyView>(
          em,
          `insert into kernel.passkeys (id, user_id, name, public_key, counter, transports, backed_up) values ($1, $2, $3, $4, $5, $6::jsonb, $7) on conflict (id) do nothing returning ${view}`,
          [made.id, owner.userId, title, Buffer.from(made.publicKey), made.counter, JSON.stringify(made.transports), made.backedUp],
        );
        if (row === undefined) throw Conflict({ message: 'This passkey is registered already.' });
        await record(em, owner, 'auth.passkey-added', { passkeyId: made.id, name: title }, caller);
        await tell(em, user, { kind: 'passkey-added', name: title });
        return row;
      });
    },

    async loginOptions() {
      const token = await database.system((em) => oneTime.issue(em, { purpose: 'passkey-login', userId: null, lifeMs: challengeMs }));
      const { generateAuthenticationOptions } = await ceremonies();
      return { ...(await generateAuthenticationOptions({ rpID: party.id, challenge: challengeBytes(token), timeout: challengeMs, userVerification: 'required', allowCredentials: [] })) };
    },

    async login(given, caller) {
      const begun = await assertions.spend(given, null, caller, async (em, user) => ({ user, session: await signIn.begin(em, user, { method: 'passkey', secondFactor: true }, caller) }));
      return signIn.answer(begun.user, begun.session);
    },

    async list(identity) {
      const { userId } = requireOwner(identity);
      return database.system((em) => statement<PasskeyView>(em, `select ${view} from kernel.passkeys where user_id = $1 order by created_at, id`, [userId]));
    },

    async rename(identity, passkeyId, name, caller) {
      const owner = requireOwner(identity);
      const title = requireName(name, 'name');
      return database.system(async (em) => {
        const [row] = await statement<PasskeyView>(em, `update kernel.passkeys set name = $3 where id = $1 and user_id = $2 returning ${view}`, [passkeyId, owner.userId, title]);
        if (row === undefined) throw NotFound();
        await record(em, owner, 'auth.passkey-renamed', { passkeyId, name: title }, caller);
        return row;
      });
    },

    async remove(identity, passkeyId, password, caller) {
      const owner = requireOwner(identity);
      const user = await reauthentication.require(owner, password, caller);
      await database.system(async (em) => {
        const [row] = await statement<{ name: string }>(em, 'select name from kernel.passkeys where id = $1 and user_id = $2', [passkeyId, owner.userId]);
        if (row === undefined) throw NotFound();
        await requireOtherWayIn(em, owner.userId);
        if ((await statementCount(em, 'delete from kernel.passkeys where id = $1 and user_id = $2', [passkeyId, owner.userId])) === 0) throw NotFound();
        await record(em, owner, 'auth.passkey-removed', { passkeyId, name: row.name }, caller);
        await tell(em, user, { kind: 'passkey-removed', name: row.name });
      });
    },
  };
}
