import { generateSync } from 'otplib';
import type { Identity, Login, OpenAuth, SecondFactorNeeded } from '../../kernel/auth/index.ts';
import type { Database } from '../../kernel/database/index.ts';
import { statement } from '../../kernel/database/statement.ts';
import { goodPassword, registerUser, testCaller } from './auth.ts';

/** A clock that moves when it is told to; it begins in the middle of a time step. */
export interface TestClock {
  now(): number;
  /** to the next time step of one-time passwords */
  step(): void;
}

export function testClock(startMs = 1_800_000_015_000): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    step() {
      nowMs += 30_000;
    },
  };
}

/** The code that an app shows at `nowMs`. */
export const codeAt = (secret: string, nowMs: number): string => generateSync({ secret, epoch: Math.floor(nowMs / 1000) });

/** Six digits that are no code of this time or near it. */
export function wrongCode(secret: string, nowMs: number): string {
  const near = new Set([-60_000, -30_000, 0, 30_000, 60_000].map((offset) => codeAt(secret, nowMs + offset)));
  for (let number = 0; ; number += 1) {
    const code = String(number).padStart(6, '0');
    if (!near.has(code)) return code;
  }
}

/** A user whose second factor is on; the code that switched it on is used up. */
export async function userWithTotp(auth: OpenAuth, clock: TestClock) {
  const user = await registerUser(auth);
  const { secret } = await auth.secondFactor.enroll(user.identity, undefined, testCaller);
  const { recoveryCodes } = await auth.secondFactor.confirm(user.identity, codeAt(secret, clock.now()), testCaller);
  return { ...user, secret, recoveryCodes };
}

/** The first half of a login. */
export async function firstStep(auth: OpenAuth, email: string): Promise<SecondFactorNeeded> {
  const answer = await auth.accounts.login({ email, password: goodPassword }, testCaller);
  if (!('mfaRequired' in answer)) throw new Error('no second factor was asked for');
  return answer;
}

export async function identityOf(auth: OpenAuth, login: Login): Promise<Identity> {
  const identity = await auth.authenticate({ authorization: `Bearer ${login.accessToken}` });
  if (identity === null) throw new Error('the login has no identity');
  return identity;
}

/** No session is younger than five minutes any more. */
export const ageSessions = (database: Database) => database.system((em) => statement(em, `update kernel.sessions set created_at = created_at - interval '6 minutes'`));

/** Every door that guessing has closed is open again. */
export const openDoors = (database: Database) => database.system((em) => statement(em, 'delete from kernel.login_throttles'));

export const auditActions = async (database: Database, tenantId: string): Promise<string[]> =>
  (await database.tenant(tenantId, (em) => statement<{ action: string }>(em, 'select action from kernel.audit_entries order by sequence'))).map(({ action }) => action);

/** What mail went to an address, oldest first. */
export const mailTo = async (database: Database, email: string): Promise<string[]> =>
  (await database.system((em) => statement<{ purpose: string }>(em, 'select purpose from kernel.mails where recipient = $1 order by created_at, id', [email]))).map(({ purpose }) => purpose);
