import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Auth } from './contract.ts';
import type { SecondFactorGate, SecondFactorNeeded } from './second-factor/gate.ts';
import type { Sessions } from './sessions.ts';
import { membershipsOf, toUser, type User, type UserRecord } from './users.ts';

/** What a login answers. */
export interface Login {
  accessToken: string;
  refreshToken: string;
  /** seconds until the access token ends */
  expiresIn: number;
  user: User;
}

export interface CallerOf {
  address: string;
  userAgent: string | null;
  requestId: string | null;
}

/** How somebody showed who they are. */
export interface Proof {
  /** `password`, `passkey`, `oauth:<provider>` */
  method: string;
  /** a second factor was shown, or the method is two at once */
  secondFactor: boolean;
}

export interface BegunSession {
  sessionId: string;
  refreshToken: string;
  tenantId: string | null;
}

/** The one way to a session, whatever the first factor was. */
export interface SignIn {
  /**
   * After the first factor was right: the login, or what is asked for next. Whoever calls it has checked that the user
   * is active.
   */
  proceed(user: UserRecord, method: string, caller: CallerOf): Promise<Login | SecondFactorNeeded>;
  /** Begins a session in the caller's transaction, with its audit entry (`auth.logged-in` unless told otherwise). Asks for nothing: only after every factor was right. */
  begin(em: EntityManager, user: UserRecord, proof: Proof, caller: CallerOf, made?: { action?: string; tenantId?: string }): Promise<BegunSession>;
  /** Tokens of a session that was begun. */
  answer(user: UserRecord, session: BegunSession): Promise<Login>;
}

export interface SignInOptions {
  database: Database;
  sessions: Sessions;
  tokens: AccessTokens;
  audit: Auth['audit'];
  gate: SecondFactorGate;
  expiresInSeconds: number;
}

/** The tenant that a session was in, while the user is a member there; else their oldest. */
export async function tenantFor(em: EntityManager, userId: string, wanted: string | null): Promise<string | null> {
  const found = await membershipsOf(em, userId);
  return (found.find(({ tenantId }) => tenantId === wanted) ?? found[0])?.tenantId ?? null;
}

export function signIn({ database, sessions, tokens, audit, gate, expiresInSeconds }: SignInOptions): SignIn {
  async function answer(user: UserRecord, session: BegunSession): Promise<Login> {
    const accessToken = await tokens.sign({ userId: user.id, sessionId: session.sessionId, tenantId: session.tenantId });
    return { accessToken, refreshToken: session.refreshToken, expiresIn: expiresInSeconds, user: toUser(user) };
  }

  const begin: SignIn['begin'] = async (em, user, proof, caller, { action = 'auth.logged-in', tenantId: given } = {}) => {
    const tenantId = given ?? (await tenantFor(em, user.id, null));
    await statement(em, 'update kernel.users set last_login_at = now() where id = $1', [user.id]);
    const session = await sessions.begin(em, user.id, tenantId, { address: caller.address, userAgent: caller.userAgent }, proof);
    await audit(
      {
        tenantId,
        actor: { kind: 'user', userId: user.id, credentialId: session.sessionId, operator: user.operator },
        action,
        target: user.id,
        details: { address: caller.address, method: proof.method, secondFactor: proof.secondFactor },
        requestId: caller.requestId,
      },
      em,
    );
    return { ...session, tenantId };
  };

  return {
    begin,
    answer,
    async proceed(user, method, caller) {
      const next = await database.system(async (em) => (await gate.ask(em, user, method)) ?? begin(em, user, { method, secondFactor: false }, caller));
      return 'mfaRequired' in next ? next : answer(user, next);
    },
  };
}
