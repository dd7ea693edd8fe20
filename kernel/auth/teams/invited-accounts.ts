import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { AuthChanges } from '../changes.ts';
import { requireStrongPassword } from '../password-strength.ts';
import { type Passwords, requirePasswordText } from '../passwords.ts';
import { requireName } from '../person-name.ts';
import { insertUser } from '../users.ts';
import type { TeamMember } from './member-list.ts';
import type { TeamMembers } from './team-members.ts';
import type { Beside } from './teams.ts';

export interface InvitedAccount {
  userId: string;
  /** normalised; the invitation came to it, so it counts as verified */
  email: string;
  password: string;
  firstName: string;
  lastName: string;
  role: string;
  grantedBy: string;
}

/**
 * Makes the account of somebody who was invited, and a member of the team, both or none.
 *
 * @throws VALIDATION_ERROR; CONFLICT when the address has an account; FORBIDDEN when who invited may no longer give the role
 */
export type RegisterInvited = (tenantId: string, account: InvitedAccount, beside: Beside) => Promise<TeamMember>;

export interface InvitedAccountsOptions {
  database: Database;
  passwords: Passwords;
  members: TeamMembers;
  changes: AuthChanges;
}

export function invitedAccounts({ database, passwords, members, changes }: InvitedAccountsOptions): RegisterInvited {
  return async (tenantId, { userId, email, password, role, grantedBy, ...names }, beside) => {
    const firstName = requireName(names.firstName, 'firstName');
    const lastName = requireName(names.lastName, 'lastName');
    requirePasswordText(password);
    await requireStrongPassword(password, [email, firstName, lastName]);
    const passwordHash = await passwords.hash(password);
    const joined = await database.system(async (em: EntityManager) => {
      const made = await insertUser(em, { id: userId, email, firstName, lastName, passwordHash, operator: false });
      if (made === null) throw Conflict({ message: 'There is an account with this address: sign in with it.', details: { reason: 'has-account' } });
      await statement(em, 'update kernel.users set email_verified_at = now() where id = $1', [userId]);
      const member = await members.joinWithin(em, tenantId, { userId, role, grantedBy });
      await beside(em);
      await changes.record(em, { revoked: false, tenantId, userId });
      return member;
    });
    await changes.catchUp();
    return joined;
  };
}
