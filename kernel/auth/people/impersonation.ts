import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, Forbidden, NotFound } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Mail } from '../../mail/index.ts';
import type { AccessTokens } from '../access-tokens.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import { tenantFor } from '../sign-in.ts';
import { type Actor, auditActor, ownerOfAccount, personOf } from './actor.ts';
import { noticeOfImpersonation } from './notices.ts';
import { requireOperator } from './operators.ts';

export interface Impersonated {
  sessionId: string;
  accessToken: string;
  /** seconds */
  expiresIn: number;
  tenantId: string | null;
  userId: string;
}

/**
 * An operator acting for somebody: a session of the user's that names the operator, lasts 15 minutes and has no
 * refresh token. Operator rights do not come along.
 */
export interface Impersonation {
  /** @throws FORBIDDEN for who is no operator, an operator as the target, or a target that is suspended; CONFLICT for oneself; NOT_FOUND */
  begin(actor: Actor, given: { userId: string; reason: string; tenantId: string | null; address: string | null }, beside: (em: EntityManager) => Promise<void>): Promise<Impersonated>;
  /** By whoever is impersonating, or by an operator for all of the user's. Answers how many sessions ended. @throws FORBIDDEN */
  end(actor: Actor, userId: string, beside: (em: EntityManager) => Promise<void>): Promise<number>;
}

export const impersonationSeconds = 900;

export interface ImpersonationOptions {
  database: Database;
  changes: AuthChanges;
  tokens: AccessTokens;
  audit: Auth['audit'];
  mail: Pick<Mail, 'send'>;
}

export function impersonation({ database, changes, tokens, audit, mail }: ImpersonationOptions): Impersonation {
  /** In the team's log, where its members look, and in the deployment's: always in that order of ids, so that two never wait for each other. */
  async function record(em: EntityManager, actor: Actor, tenantId: string | null, action: string, userId: string, details: Record<string, string>): Promise<void> {
    const entry = { actor: auditActor(actor), action, target: userId, details, requestId: actor.requestId };
    await audit({ ...entry, tenantId: null }, em);
    if (tenantId !== null) await audit({ ...entry, tenantId }, em);
  }

  return {
    async begin(actor, { userId, reason, tenantId: wanted, address }, beside) {
      const self = ownerOfAccount(actor);
      if (self === userId) throw Conflict({ message: 'Nobody impersonates themselves.' });
      const sessionId = randomUUID();
      const tenantId = await database.system(async (em) => {
        await requireOperator(em, self);
        const [user] = await statement<{ email: string; firstName: string; status: string; operator: boolean }>(em, 'select email, first_name as "firstName", status, operator from kernel.users where id = $1', [userId]);
        if (user === undefined) throw NotFound({ message: 'There is no such user.' });
        if (user.operator) throw Forbidden({ message: 'Nobody impersonates an operator.' });
        if (user.status !== 'active') throw Forbidden({ message: 'The account is suspended.' });
        const chosen = await tenantFor(em, userId, wanted);
        if (wanted !== null && chosen !== wanted) throw NotFound({ message: 'The user is not a member of this team.' });
        // no refresh token exists for these hashes
        await statement(
          em,
          `insert into kernel.sessions (id, user_id, tenant_id, impersonator_id, method, family_key, current_hash, address, expires_at)
           values ($1, $2, $3, $4, 'impersonation', $5, $6, $7, now() + $8::double precision * interval '1 second')`,
          [sessionId, userId, chosen, self, randomBytes(32), randomBytes(32), address, impersonationSeconds],
        );
        await record(em, actor, chosen, 'users.impersonation-started', userId, { reason, sessionId });
        await mail.send(em, { ...noticeOfImpersonation({ firstName: user.firstName, reason, minutes: impersonationSeconds / 60 }), recipient: user.email, tenantId: null });
        await beside(em);
        return chosen;
      });
      const accessToken = await tokens.sign({ userId, sessionId, tenantId, actorId: self, expiresInSeconds: impersonationSeconds });
      return { sessionId, accessToken, expiresIn: impersonationSeconds, tenantId, userId };
    },

    async end(actor, userId, beside) {
      const self = personOf(actor);
      const isItself = actor.impersonatorId !== null && self === userId;
      const ended = await database.system(async (em) => {
        if (!isItself) {
          ownerOfAccount(actor);
          await requireOperator(em, self);
        }
        const rows = await statement<{ id: string; tenantId: string | null }>(
          em,
          `update kernel.sessions set revoked_at = now(), revoked_for = 'logout'
           where user_id = $1 and impersonator_id is not null and ($2::uuid is null or id = $2) and revoked_at is null and expires_at > now() returning id, tenant_id as "tenantId"`,
          [userId, isItself ? actor.principal.credentialId : null],
        );
        for (const { id, tenantId } of rows) await record(em, actor, tenantId, 'users.impersonation-ended', userId, { sessionId: id });
        if (rows.length > 0) await beside(em);
        if (rows.length > 0) await changes.record(em, ...rows.map(({ id }) => ({ revoked: true, credentialId: id })));
        return rows.length;
      });
      await changes.catchUp();
      return ended;
    },
  };
}
