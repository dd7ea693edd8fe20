import { randomUUID } from 'node:crypto';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Auth } from '../contract.ts';
import { requireEmail } from '../email.ts';
import { requireStrongPassword } from '../password-strength.ts';
import { type Passwords, requirePasswordText } from '../passwords.ts';
import { requireName } from '../person-name.ts';
import type { CallerOf } from '../sign-in.ts';
import type { Throttle } from '../throttle.ts';
import { insertUser, userByEmail } from '../users.ts';
import type { EmailVerification } from './email-verification.ts';
import type { AccountLetters } from './letters.ts';

/** What somebody registers with. */
export interface Registration {
  email: string;
  password: string;
  firstName: string;
  lastName: string;
}

/** The same for an address that is new and one that has an account. */
export interface Registered {
  /** normalised */
  email: string;
  verificationRequired: boolean;
  message: string;
}

/**
 * Makes an account with a tenant of its own, unless the address has one: then its owner gets a mail, and whoever asked
 * gets the same answer after the same work.
 *
 * @throws VALIDATION_ERROR
 */
export type Register = (registration: Registration, caller: CallerOf) => Promise<Registered>;

export interface RegisterOptions {
  database: Pick<Database, 'system'>;
  passwords: Passwords;
  verification: Pick<EmailVerification, 'required' | 'start'>;
  letters: AccountLetters;
  throttle: Pick<Throttle, 'mayMail'>;
  audit: Auth['audit'];
}

const messages = {
  required: 'A mail goes to this address. Follow its link, then log in.',
  optional: 'You can log in. A mail to this address asks to confirm it.',
};

/** Nobody's: made only to be undone. */
const decoyAddress = (): string => `${randomUUID()}@decoy.invalid`;

export function registration({ database, passwords, verification, letters, throttle, audit }: RegisterOptions): Register {
  return async (given, caller) => {
    const email = requireEmail(given.email);
    const firstName = requireName(given.firstName, 'firstName');
    const lastName = requireName(given.lastName, 'lastName');
    requirePasswordText(given.password);
    await requireStrongPassword(given.password, [email, firstName, lastName]);
    const passwordHash = await passwords.hash(given.password);
    await database.system(async (em) => {
      const owner = await userByEmail(em, email);
      const mayMail = await throttle.mayMail(em, owner === null ? 'verify-email' : 'already-registered', email);
      // for a taken address all of it is done as well, and undone: the answer takes as long
      await statement(em, 'savepoint registration');
      const made = await insertUser(em, { email: owner === null ? email : decoyAddress(), firstName, lastName, passwordHash, operator: false, emailVerified: false });
      if (made !== null) {
        await audit({ tenantId: made.tenantId, actor: { kind: 'user', userId: made.user.id, credentialId: null, operator: false }, action: 'auth.registered', target: made.user.id, details: { address: caller.address }, requestId: caller.requestId }, em);
        await verification.start(em, made.user);
      }
      const isNew = owner === null && made !== null;
      await statement(em, isNew ? 'release savepoint registration' : 'rollback to savepoint registration');
      if (isNew || !mayMail) return;
      // null when somebody else registered it between the two looks
      const known = owner ?? (await userByEmail(em, email));
      if (known !== null) await letters.alreadyRegistered(em, known);
    });
    return { email, verificationRequired: verification.required, message: messages[verification.required ? 'required' : 'optional'] };
  };
}
