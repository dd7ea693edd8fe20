import { defineError, Forbidden, Unauthorized } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Passwords } from '../passwords.ts';
import type { Throttle } from '../throttle.ts';
import { type Actor, ownerOfAccount } from './actor.ts';

/** 403: the password, or a sign-in of the last minutes with a second factor, is needed. */
export const ConfirmationRequired = defineError({ code: 'CONFIRMATION_REQUIRED', kind: 'forbidden', message: 'Confirm with your password, or sign in again.' });

/** How long a sign-in counts as a confirmation. */
const freshMinutes = 10;

/**
 * Whether it really is the owner of the account who asks, and not somebody with their unlocked screen: by the password,
 * or by a sign-in of the last ten minutes that had a second factor. Who has no password may show a fresh sign-in of
 * any kind.
 *
 * @throws CONFIRMATION_REQUIRED, UNAUTHORIZED for a wrong password, RATE_LIMIT_EXCEEDED, FORBIDDEN for keys and impersonation
 */
export type ConfirmOwner = (actor: Actor, given: { password: string | null; address: string | null }) => Promise<void>;

interface Row {
  email: string;
  passwordHash: string | null;
  fresh: boolean;
  secondFactor: boolean;
}

const sql = `select u.email, c.secret as "passwordHash", s.created_at > now() - interval '${freshMinutes} minutes' as fresh, s.second_factor as "secondFactor"
  from kernel.users u join kernel.sessions s on s.user_id = u.id and s.id = $2 left join kernel.credentials c on c.user_id = u.id and c.kind = 'password' where u.id = $1`;

export function confirmOwner({ database, passwords, throttle }: { database: Database; passwords: Passwords; throttle: Throttle }): ConfirmOwner {
  return async (actor, { password, address }) => {
    const userId = ownerOfAccount(actor);
    const [row] = await database.system((em) => statement<Row>(em, sql, [userId, actor.principal.credentialId]));
    if (row === undefined) throw Forbidden();
    if (password === null) {
      if (row.fresh && (row.secondFactor || row.passwordHash === null)) return;
      throw ConfirmationRequired({ details: { field: 'body.password', issue: 'is required' } });
    }
    // who holds a stolen session must not get to guess the password either
    const attempt = await throttle.attempt(row.email, address ?? 'unknown');
    const { ok } = await passwords.verify(password, row.passwordHash);
    if (!ok) throw Unauthorized({ message: 'The password is wrong.' });
    await attempt.succeeded();
  };
}
