import { createHash, randomBytes } from 'node:crypto';
import { Conflict, Forbidden } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement, statementCount } from '../database/statement.ts';
import type { Accounts } from './accounts.ts';
import { requireEmail } from './email.ts';
import { requireStrongPassword } from './password-strength.ts';
import { type Passwords, requirePasswordText } from './passwords.ts';
import type { CallerOf, Login } from './sign-in.ts';
import { hasOperator, insertUser } from './users.ts';

const tokenHours = 24;
const setupLock = 7_206_150_011;
const digest = (token: string): string => createHash('sha256').update(token).digest('hex');

/** How a deployment gets its first operator. */
export interface Setup {
  /** Printed at boot while there is no operator; null when there is one. */
  readonly token: string | null;
  /** Makes the first operator, once. @throws FORBIDDEN for a wrong, used or outdated token; CONFLICT; VALIDATION_ERROR */
  complete(given: { token: string; email: string; password: string }, caller: CallerOf): Promise<Login>;
}

export interface SetupOptions {
  database: Database;
  passwords: Passwords;
  accounts: Pick<Accounts, 'login'>;
  /** OPERATOR_EMAIL and OPERATOR_PASSWORD */
  operator: { email: string; password: string } | null;
}

async function makeOperator({ database, passwords }: Pick<SetupOptions, 'database' | 'passwords'>, given: { email: string; password: string }, token: string | null): Promise<'made' | 'exists' | 'refused' | 'taken'> {
  const email = requireEmail(given.email);
  requirePasswordText(given.password);
  await requireStrongPassword(given.password, [email]);
  const passwordHash = await passwords.hash(given.password);
  return database.system(async (em) => {
    await statement(em, 'select pg_advisory_xact_lock($1)', [setupLock]);
    if (await hasOperator(em)) return token === null ? 'exists' : 'refused';
    if (token !== null && (await statementCount(em, 'delete from kernel.setup_tokens where hash = $1 and expires_at > now()', [digest(token)])) === 0) return 'refused';
    const made = await insertUser(em, { email, firstName: 'Operator', lastName: 'ProofPix', passwordHash, operator: true, emailVerified: true });
    if (made === null) return 'taken';
    await statement(em, 'delete from kernel.setup_tokens');
    return 'made';
  });
}

/** @throws Error naming OPERATOR_EMAIL or OPERATOR_PASSWORD when they cannot be used */
export async function openSetup(options: SetupOptions): Promise<Setup> {
  const { database, operator } = options;
  const isDone = await database.system((em) => hasOperator(em));
  let token: string | null = null;
  if (!isDone && operator !== null) {
    const outcome = await makeOperator(options, operator, null).catch((error: unknown) => {
      const field = (error as { details?: { field?: unknown } }).details?.field;
      throw new Error(`${field === 'body.email' ? 'OPERATOR_EMAIL' : 'OPERATOR_PASSWORD'}: ${(error as Error).message}`, { cause: error });
    });
    if (outcome === 'taken') throw new Error('OPERATOR_EMAIL: a user without operator rights has this address');
  } else if (!isDone) {
    const fresh = randomBytes(32).toString('base64url');
    await database.system(async (em) => {
      await statement(em, 'delete from kernel.setup_tokens where expires_at <= now()');
      // every node that boots meanwhile prints one of its own; the first that is used ends them all
      await statement(em, `insert into kernel.setup_tokens (hash, expires_at) values ($1, now() + interval '${tokenHours} hours')`, [digest(fresh)]);
    });
    token = fresh;
  }
  return {
    token,
    async complete(given, caller) {
      // before the slow work: whoever has no token gets none of it
      const isKnown = await database.system((em) => statement(em, 'select 1 from kernel.setup_tokens where hash = $1 and expires_at > now()', [digest(given.token)]));
      if (isKnown.length === 0) throw Forbidden({ message: 'The setup token is not valid.' });
      const outcome = await makeOperator(options, given, given.token);
      if (outcome === 'taken') throw Conflict({ message: 'There is an account with this email address.', details: { field: 'body.email', issue: 'is taken' } });
      if (outcome !== 'made') throw Forbidden({ message: 'The setup token is not valid.' });
      const login = await options.accounts.login(given, caller);
      // an account of this moment has one factor
      if ('mfaRequired' in login) throw Forbidden();
      return login;
    },
  };
}
