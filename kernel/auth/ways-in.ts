import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict } from '@proofpix/sdk';
import { statement } from '../database/statement.ts';

/** What somebody signs in with. */
export interface WaysIn {
  password: boolean;
  passkeys: number;
  externalIdentities: number;
}

/** Locks the user's row until the transaction ends, so that two requests cannot each take what the other relies on. */
export async function lockWaysIn(em: EntityManager, userId: string): Promise<WaysIn> {
  await statement(em, 'select 1 from kernel.users where id = $1 for update', [userId]);
  const [row] = await statement<WaysIn>(
    em,
    `select exists (select 1 from kernel.credentials where user_id = $1 and kind = 'password') as password,
            (select count(*)::int from kernel.passkeys where user_id = $1) as passkeys,
            (select count(*)::int from kernel.external_identities where user_id = $1) as "externalIdentities"`,
    [userId],
  );
  return row ?? { password: false, passkeys: 0, externalIdentities: 0 };
}

/**
 * That a user can still sign in after one passkey or one link is gone. Call it before removing that one, in the same
 * transaction.
 *
 * @throws CONFLICT for the last one
 */
export async function requireOtherWayIn(em: EntityManager, userId: string): Promise<void> {
  const { password, passkeys, externalIdentities } = await lockWaysIn(em, userId);
  if (!password && passkeys + externalIdentities < 2) throw Conflict({ message: 'This is the only way into the account. Add another one first, or set a password.' });
}
