import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, Unauthorized } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { AuthChanges } from './changes.ts';
import type { Auth, Identity } from './contract.ts';
import { normaliseEmail, requireEmail } from './email.ts';
import { requireStrongPassword } from './password-strength.ts';
import { type Passwords, requirePasswordText } from './passwords.ts';
import { requireName } from './person-name.ts';
import type { SecondFactorNeeded } from './second-factor/gate.ts';
import type { Sessions } from './sessions.ts';
import { type CallerOf, type Login, type SignIn, tenantFor } from './sign-in.ts';
import type { Throttle } from './throttle.ts';
import { insertUser, membershipsOf, type MembershipOf, setPasswordHash, toUser, type User, userByEmail, userById, type UserRecord } from './users.ts';

export interface Registration {
  email: string;
  password: string;
  firstName: string;
  lastName: string;
}

export interface Accounts {
  /** Makes the user with a tenant of their own. @throws VALIDATION_ERROR, CONFLICT, RATE_LIMIT_EXCEEDED */
  register(registration: Registration, caller: CallerOf): Promise<Login>;
  /** One answer for every wrong pair, after the same work. @throws UNAUTHORIZED, RATE_LIMIT_EXCEEDED */
  login(given: { email: string; password: string }, caller: CallerOf): Promise<Login | SecondFactorNeeded>;
  /** @throws UNAUTHORIZED */
  refresh(refreshToken: string): Promise<Login>;
  /** Ends the session of the token. An unknown token is no error. */
  logout(refreshToken: string): Promise<void>;
  logoutSession(sessionId: string): Promise<void>;
  /** Ends the user's other sessions. @throws UNAUTHORIZED, VALIDATION_ERROR, RATE_LIMIT_EXCEEDED */
  changePassword(identity: Identity, given: { currentPassword: string; newPassword: string }, caller: CallerOf): Promise<void>;
  me(identity: Identity): Promise<{ user: User; tenantId: string | null; role: string | null; memberships: MembershipOf[] }>;
}

export interface AccountsOptions {
  database: Database;
  passwords: Passwords;
  throttle: Throttle;
  sessions: Sessions;
  signIn: SignIn;
  changes: AuthChanges;
  audit: Auth['audit'];
}

const byPassword = { method: 'password', secondFactor: false };
const wrongPair = () => Unauthorized({ message: 'Email or password is wrong.' });

export function accounts(options: AccountsOptions): Accounts {
  const { database, passwords, throttle, sessions, signIn, audit } = options;

  const record = (em: EntityManager, user: UserRecord, tenantId: string | null, action: string, sessionId: string | null, caller: CallerOf): Promise<void> =>
    audit({ tenantId, actor: { kind: 'user', userId: user.id, credentialId: sessionId, operator: user.operator }, action, target: user.id, details: { address: caller.address }, requestId: caller.requestId }, em);

  return {
    async register(registration, caller) {
      const email = requireEmail(registration.email);
      const firstName = requireName(registration.firstName, 'firstName');
      const lastName = requireName(registration.lastName, 'lastName');
      requirePasswordText(registration.password);
      await requireStrongPassword(registration.password, [email, firstName, lastName]);
      // counts as a guess until it turns out to be a new address: finding out who has an account is slowed down
      const attempt = await throttle.attempt(`register ${email}`, caller.address);
      const passwordHash = await passwords.hash(registration.password);
      const made = await database.system(async (em) => {
        const inserted = await insertUser(em, { email, firstName, lastName, passwordHash, operator: false });
        return inserted === null ? null : { user: inserted.user, session: await signIn.begin(em, inserted.user, byPassword, caller, { action: 'auth.registered', tenantId: inserted.tenantId }) };
      });
      // it tells that the address has an account; only a mail to its owner could hide that
      if (made === null) throw Conflict({ message: 'There is an account with this email address.', details: { field: 'body.email', issue: 'is taken' } });
      await attempt.succeeded();
      return signIn.answer(made.user, made.session);
    },

    async login({ email: given, password }, caller) {
      // what is no address, or no password, takes the same way as a wrong one
      const email = normaliseEmail(given) ?? given;
      const attempt = await throttle.attempt(email, caller.address);
      const user = await database.system((em) => userByEmail(em, email.replaceAll('\0', ' ')));
      const { ok, outdated } = await passwords.verify(password, user?.passwordHash ?? null);
      if (!ok || user === null || user.status !== 'active') throw wrongPair();
      await attempt.succeeded();
      if (outdated) {
        const hash = await passwords.hash(password);
        await database.system((em) => setPasswordHash(em, user.id, hash));
      }
      return signIn.proceed(user, 'password', caller);
    },

    async refresh(refreshToken) {
      const rotated = await sessions.rotate(refreshToken);
      const { user, tenantId } = await database.system(async (em) => {
        const chosen = await tenantFor(em, rotated.userId, rotated.tenantId);
        if (chosen !== rotated.tenantId) await statement(em, 'update kernel.sessions set tenant_id = $2 where id = $1', [rotated.sessionId, chosen]);
        return { user: await userById(em, rotated.userId), tenantId: chosen };
      });
      if (user === null || user.status !== 'active') throw Unauthorized();
      return signIn.answer(user, { sessionId: rotated.sessionId, refreshToken: rotated.refreshToken, tenantId });
    },

    async logout(refreshToken) {
      await sessions.revokeByToken(refreshToken);
    },

    async logoutSession(sessionId) {
      await sessions.revoke(sessionId, 'logout');
    },

    async changePassword(identity, { currentPassword, newPassword }, caller) {
      const { userId } = identity.principal;
      const user = userId === null ? null : await database.system((em) => userById(em, userId));
      if (user === null) throw Unauthorized();
      requirePasswordText(newPassword, 'newPassword');
      await requireStrongPassword(newPassword, [user.email, user.firstName, user.lastName], 'newPassword');
      // who holds a stolen session must not get to guess the password either
      const attempt = await throttle.attempt(user.email, caller.address);
      const { ok } = await passwords.verify(currentPassword, user.passwordHash);
      if (!ok) throw Unauthorized({ message: 'The current password is wrong.' });
      await attempt.succeeded();
      const hash = await passwords.hash(newPassword);
      await database.system(async (em) => {
        await setPasswordHash(em, user.id, hash);
        await sessions.revokeAll(em, user.id, 'password-changed', identity.credentialId);
        await record(em, user, identity.tenantId, 'auth.password-changed', identity.credentialId, caller);
      });
      await options.changes.catchUp();
    },

    async me(identity) {
      const { userId } = identity.principal;
      if (userId === null) throw Unauthorized();
      return database.system(async (em) => {
        const user = await userById(em, userId);
        if (user === null) throw Unauthorized();
        return { user: toUser(user), tenantId: identity.tenantId, role: identity.role, memberships: await membershipsOf(em, userId) };
      });
    },
  };
}
