import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, type JsonObject, NotFound, Unauthorized } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth, Identity } from '../contract.ts';
import type { TellOwner } from '../factor-notices.ts';
import { type Owner, type Reauthentication, requireOwner } from '../owner.ts';
import type { Sessions } from '../sessions.ts';
import type { CallerOf } from '../sign-in.ts';
import { userById } from '../users.ts';
import type { FactorCheck, GivenCode } from './factor-check.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import type { TotpSecrets } from './totp.ts';
import { totpUri } from './totp-codes.ts';

export interface FactorState {
  /** whether logging in with a password asks for a second factor */
  enabled: boolean;
  /** RFC 3339 */
  enabledAt: string | null;
  recoveryCodesLeft: number;
  passkeys: number;
}

/** What a user does to their second factor. All of it is for the user alone: FORBIDDEN for keys and impersonation. */
export interface SecondFactor {
  state(identity: Identity | null): Promise<FactorState>;
  /** Nothing is on until {@link confirm}. @throws CONFLICT when it is on; as {@link Reauthentication} */
  enroll(identity: Identity | null, password: string | undefined, caller: CallerOf): Promise<{ secret: string; uri: string }>;
  /** Switches it on, ends the user's other sessions, which never showed it, and answers recovery codes, once. @throws UNAUTHORIZED */
  confirm(identity: Identity | null, code: string, caller: CallerOf): Promise<{ recoveryCodes: string[] }>;
  /** Switches it off. @throws NOT_FOUND when it is off; as {@link Reauthentication} and {@link FactorCheck} */
  disable(identity: Identity | null, given: GivenCode & { password?: string | undefined }, caller: CallerOf): Promise<void>;
  /** A new set of recovery codes. @throws as {@link disable} */
  renewCodes(identity: Identity | null, given: GivenCode & { password?: string | undefined }, caller: CallerOf): Promise<{ recoveryCodes: string[] }>;
  /**
   * For an operator whom somebody told that they lost everything: removes second factor and passkeys and ends all
   * sessions of the user.
   *
   * @throws NOT_FOUND
   */
  reset(operator: Identity | null, userId: string, caller: CallerOf): Promise<void>;
}

export interface SecondFactorOptions {
  database: Database;
  totp: TotpSecrets;
  codes: RecoveryCodes;
  check: FactorCheck;
  reauthentication: Reauthentication;
  sessions: Sessions;
  changes: AuthChanges;
  audit: Auth['audit'];
  tell: TellOwner;
  /** what an app shows beside the account */
  issuer: string;
}

export function secondFactor(options: SecondFactorOptions): SecondFactor {
  const { database, totp, codes, check, sessions, changes, audit, tell, issuer } = options;

  const record = (em: EntityManager, { userId, sessionId, tenantId, operator }: Owner, action: string, caller: CallerOf, details: JsonObject = {}): Promise<void> =>
    audit({ tenantId, actor: { kind: 'user', userId, credentialId: sessionId, operator }, action, target: userId, details: { address: caller.address, ...details }, requestId: caller.requestId }, em);

  /** A change of what is on: asks again who it is, and for a code. */
  async function change<T>(identity: Identity | null, given: GivenCode & { password?: string | undefined }, caller: CallerOf, then: (em: EntityManager, owner: Owner) => Promise<T>): Promise<T> {
    const owner = requireOwner(identity);
    const isOn = await database.system((em) => totp.confirmedAt(em, owner.userId));
    if (isOn === null) throw NotFound({ message: 'Two-step login is off.' });
    const user = await options.reauthentication.require(owner, given.password, caller);
    const refused = (isGuessing: boolean): Promise<void> =>
      database.system(async (em) => {
        await record(em, owner, 'auth.second-factor-failed', caller, { factor: given.code === undefined ? 'recovery-code' : 'totp' });
        if (isGuessing) await tell(em, user, { kind: 'second-factor-guessed' });
      });
    return check.spend(owner.userId, given, caller.address, (em) => then(em, owner), refused);
  }

  async function announce(em: EntityManager, owner: Owner, kind: 'mfa-enabled' | 'mfa-disabled' | 'recovery-codes-renewed', caller: CallerOf): Promise<void> {
    await record(em, owner, `auth.${kind}`, caller);
    const user = await userById(em, owner.userId);
    if (user !== null) await tell(em, user, { kind });
  }

  return {
    async state(identity) {
      const { userId } = requireOwner(identity);
      return database.system(async (em) => {
        const enabledAt = await totp.confirmedAt(em, userId);
        const [row] = await statement<{ n: number }>(em, 'select count(*)::int as n from kernel.passkeys where user_id = $1', [userId]);
        return { enabled: enabledAt !== null, enabledAt, recoveryCodesLeft: await codes.left(em, userId), passkeys: row?.n ?? 0 };
      });
    },
    async enroll(identity, password, caller) {
      const owner = requireOwner(identity);
      const user = await options.reauthentication.require(owner, password, caller);
      const secret = await database.system((em) => totp.enroll(em, owner.userId));
      if (secret === null) throw Conflict({ message: 'Two-step login is on already. Switch it off first to use another app.' });
      return { secret, uri: totpUri(secret, { issuer, account: user.email }) };
    },
    async confirm(identity, code, caller) {
      const owner = requireOwner(identity);
      const recoveryCodes = await database.system(async (em) => {
        if (!(await totp.accept(em, owner.userId, code, 'enrolling'))) return null;
        const made = await codes.renew(em, owner.userId);
        await statement(em, 'update kernel.sessions set second_factor = true where id = $1', [owner.sessionId]);
        await sessions.revokeAll(em, owner.userId, 'mfa-enabled', owner.sessionId);
        await announce(em, owner, 'mfa-enabled', caller);
        return made;
      });
      if (recoveryCodes === null) throw Unauthorized({ message: 'The code is wrong, or enrolling took too long.' });
      await changes.catchUp();
      return { recoveryCodes };
    },
    async disable(identity, given, caller) {
      await change(identity, given, caller, async (em, owner) => {
        await totp.remove(em, owner.userId);
        await codes.remove(em, owner.userId);
        await announce(em, owner, 'mfa-disabled', caller);
      });
    },
    async renewCodes(identity, given, caller) {
      return change(identity, given, caller, async (em, owner) => {
        const recoveryCodes = await codes.renew(em, owner.userId);
        await announce(em, owner, 'recovery-codes-renewed', caller);
        return { recoveryCodes };
      });
    },
    async reset(identity, userId, caller) {
      const by = requireOwner(identity);
      await database.system(async (em) => {
        const user = await userById(em, userId);
        if (user === null) throw NotFound();
        const hadTotp = await totp.remove(em, userId);
        await codes.remove(em, userId);
        const passkeys = await statement(em, 'delete from kernel.passkeys where user_id = $1 returning id', [userId]);
        await sessions.revokeAll(em, userId, 'mfa-reset');
        await audit({ tenantId: null, actor: { kind: 'user', userId: by.userId, credentialId: by.sessionId, operator: by.operator }, action: 'auth.mfa-reset', target: userId, details: { address: caller.address, totp: hadTotp, passkeys: passkeys.length }, requestId: caller.requestId }, em);
        await tell(em, user, { kind: 'mfa-reset' });
      });
      await changes.catchUp();
    },
  };
}
