import { NotFound } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import type { Owner } from '../owner.ts';
import type { Sessions } from '../sessions.ts';
import type { CallerOf } from '../sign-in.ts';

/** A login on one device, as its owner sees it. */
export interface OwnSession {
  id: string;
  /** the one that asks */
  current: boolean;
  method: string;
  secondFactor: boolean;
  /** where it began */
  address: string | null;
  userAgent: string | null;
  /** RFC 3339, as are the others */
  createdAt: string;
  /** the last refresh */
  lastUsedAt: string;
  expiresAt: string;
}

/** A user's own sessions; those of others do not exist. */
export interface OwnSessions {
  /** Newest use first; there are at most 50. */
  list(owner: Owner): Promise<OwnSession[]>;
  /** @throws NOT_FOUND */
  end(owner: Owner, sessionId: string, caller: CallerOf): Promise<void>;
  /** All but the one that asks. */
  endOthers(owner: Owner, caller: CallerOf): Promise<void>;
}

export interface OwnSessionsOptions {
  database: Pick<Database, 'system'>;
  sessions: Pick<Sessions, 'endOwn' | 'revokeAll'>;
  changes: AuthChanges;
  audit: Auth['audit'];
}

const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export function ownSessions({ database, sessions, changes, audit }: OwnSessionsOptions): OwnSessions {
  const entry = ({ userId, sessionId, tenantId, operator }: Owner, action: string, target: string, caller: CallerOf): Parameters<Auth['audit']>[0] => ({
    tenantId,
    actor: { kind: 'user', userId, credentialId: sessionId, operator },
    action,
    target,
    details: { address: caller.address },
    requestId: caller.requestId,
  });
  return {
    list: ({ userId, sessionId }) =>
      database.system((em) =>
        statement<OwnSession>(
          em,
          `select id, id = $2 as current, method, second_factor as "secondFactor", address, user_agent as "userAgent",
                  ${moment('created_at')} as "createdAt", ${moment('last_used_at')} as "lastUsedAt", ${moment('expires_at')} as "expiresAt"
           from kernel.sessions where user_id = $1 and revoked_at is null and expires_at > now() order by last_used_at desc, id`,
          [userId, sessionId],
        )),
    async end(owner, sessionId, caller) {
      await database.system(async (em) => {
        if (!(await sessions.endOwn(em, owner.userId, sessionId, 'ended-by-user'))) throw NotFound({ message: 'There is no such session.' });
        await audit(entry(owner, 'auth.session-ended', sessionId, caller), em);
      });
      await changes.catchUp();
    },
    async endOthers(owner, caller) {
      await database.system(async (em) => {
        await sessions.revokeAll(em, owner.userId, 'ended-by-user', owner.sessionId);
        await audit(entry(owner, 'auth.other-sessions-ended', owner.userId, caller), em);
      });
      await changes.catchUp();
    },
  };
}
