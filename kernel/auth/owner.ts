import type { EntityManager } from '@mikro-orm/postgresql';
import { Forbidden, Unauthorized } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { Identity } from './contract.ts';
import { ConfirmationRequired } from './people/confirm-owner.ts';
import type { Passwords } from './passwords.ts';
import type { CallerOf } from './sign-in.ts';
import type { Throttle } from './throttle.ts';
import { userById, type UserRecord } from './users.ts';

/** A user in their own session. */
export interface Owner {
  userId: string;
  sessionId: string;
  tenantId: string | null;
  operator: boolean;
}

/**
 * The user themselves: no program's key, and nobody who acts for them.
 *
 * @throws UNAUTHORIZED, FORBIDDEN
 */
export function requireOwner(identity: Identity | null): Owner {
  if (identity === null) throw Unauthorized();
  const { principal, credentialId, impersonatorId, tenantId } = identity;
  if (principal.kind !== 'user' || principal.userId === null || credentialId === null || impersonatorId !== null) throw Forbidden({ message: 'Only the user may do this, in a session of their own.' });
  return { userId: principal.userId, sessionId: credentialId, tenantId, operator: principal.operator };
}

/** Asks again for who holds a session: it may have been left open, or stolen. */
export interface Reauthentication {
  /**
   * The password, or a login of the last five minutes.
   *
   * @throws UNAUTHORIZED for a wrong password; CONFIRMATION_REQUIRED without one in an older session; RATE_LIMIT_EXCEEDED
   */
  require(owner: Owner, password: string | undefined, caller: CallerOf): Promise<UserRecord>;
}

const freshFor = `interval '5 minutes'`;

/** Whether the owner's session began in the last five minutes. */
export async function hasJustLoggedIn(em: EntityManager, { userId, sessionId }: Pick<Owner, 'userId' | 'sessionId'>): Promise<boolean> {
  return (await statement(em, `select 1 from kernel.sessions where id = $1 and user_id = $2 and revoked_at is null and created_at > now() - ${freshFor}`, [sessionId, userId])).length > 0;
}

export function reauthentication({ database, passwords, throttle }: { database: Database; passwords: Passwords; throttle: Throttle }): Reauthentication {
  return {
    async require({ userId, sessionId }, password, caller) {
      const { user, isFresh } = await database.system(async (em) => ({
        user: await userById(em, userId),
        isFresh: await hasJustLoggedIn(em, { userId, sessionId }),
      }));
      if (user === null || user.status !== 'active') throw Unauthorized();
      if (password === undefined) {
        if (!isFresh) throw ConfirmationRequired({ details: { field: 'body.password', issue: 'is required in a session older than five minutes' } });
        return user;
      }
      // whoever holds a stolen session must not get to guess the password
      const attempt = await throttle.attempt(user.email, caller.address);
      const { ok } = await passwords.verify(password, user.passwordHash);
      if (!ok) throw Unauthorized({ message: 'The password is wrong.' });
      await attempt.succeeded();
      return user;
    },
  };
}
