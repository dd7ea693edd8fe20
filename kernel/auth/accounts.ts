import type { EntityManager } from '@mikro-orm/postgresql';
import { Unauthorized } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { AccountLetters, EmailVerification } from './account/index.ts';
import type { AuthChanges } from './changes.ts';
import type { Auth, Identity } from './contract.ts';
import { normaliseEmail } from './email.ts';
import { requireStrongPassword } from './password-strength.ts';
import { type Passwords, requirePasswordText } from './passwords.ts';
import type { SecondFactorNeeded } from './second-factor/gate.ts';
import type { Sessions } from './sessions.ts';
import { type CallerOf, type Login, type SignIn, tenantFor } from './sign-in.ts';
import type { Throttle } from './throttle.ts';
import { membershipsOf, type MembershipOf, setPasswordHash, toUser, type User, userByEmail, userById, type UserRecord } from './users.ts';

export interface Accounts {
  /** One answer for every wrong pair, after the same work; also for the right pair of an address that is still to be verified, to which another mail goes. @throws UNAUTHORIZED, RATE_LIMIT_EXCEEDED */
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
  verification: Pick<EmailVerification, 'required' | 'remind'>;
  letters: Pick<AccountLetters, 'passwordChanged'>;
  changes: AuthChanges;
  audit: Auth['audit'];
}

const wrongPair = () => Unauthorized({ message: 'Email or password is wrong.' });

export function accounts(options: AccountsOptions): Accounts {
  const { database, passwords, throttle, sessions, signIn, verification, letters, audit } = options;

  const record = (em: EntityManager, user: UserRecord, tenantId: string | null, action: string, sessionId: string | null, caller: CallerOf): Promise<void> =>
    audit({ tenantId, actor: { kind: 'user', userId: user.id, credentialId: sessionId, operator: user.operator }, action, target: user.id, details: { address: caller.address }, requestId: caller.requestId }, em);

  return {
    async login({ email: given, password }, caller) {
      // what is no address, or no password, takes the same way as a wrong one
      const email = normaliseEmail(given) ?? given;
      const attempt = await throttle.attempt(email, caller.address);
      const user = await database.system((em) => userByEmail(em, email.replaceAll('\0', ' ')));
      const { ok, outdated } = await passwords.verify(password, user?.passwordHash ?? null);
      if (!ok || user === null || user.status !== 'active') throw wrongPair();
      if (verification.required && !user.emailVerified) {
        verification.remind(user);
        throw wrongPair();
      }
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
        await letters.passwordChanged(em, user);
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
