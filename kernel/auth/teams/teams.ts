import type { EntityManager } from '@mikro-orm/postgresql';
import { NotFound, QuotaExceeded } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import type { AuthChanges } from '../changes.ts';
import { requireName } from '../person-name.ts';

/** Owning more is refused: each team costs the deployment cron jobs and quotas of its own. */
const maxOwned = 100;

export interface Team {
  id: string;
  name: string;
  /** RFC 3339 */
  createdAt: string;
}

export interface TeamOfMember {
  id: string;
  name: string;
  role: string;
  /** RFC 3339 */
  joinedAt: string;
}

/** Events, audit entries: what is written in the transaction of a change, or not at all. */
export type Beside<T = void> = (em: EntityManager, what: T) => Promise<void>;

/** Teams, which are tenants. A deleted one is gone for everybody; its row and audit chain stay. */
export interface Teams {
  /** @throws NOT_FOUND */
  get(tenantId: string): Promise<Team>;
  /** Oldest membership first. The cursor is opaque. */
  listOf(userId: string, page: { limit: number; cursor: string | null }): Promise<{ items: TeamOfMember[]; nextCursor: string | null }>;
  /** The same id and owner again answers the team that is there. @throws QUOTA_EXCEEDED; NOT_FOUND for an id that is taken */
  create(team: { id: string; name: string; ownerId: string }, beside: Beside): Promise<Team>;
  /** @throws NOT_FOUND, VALIDATION_ERROR */
  rename(tenantId: string, name: string, beside: Beside<{ before: string; after: string }>): Promise<{ team: Team; changed: boolean }>;
  /** Ends keys and sockets. False when it was deleted before. */
  delete(tenantId: string, beside: Beside): Promise<boolean>;
}

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `t.id, t.name, ${utc('t.created_at')} as "createdAt"`;

async function teamOf(em: EntityManager, tenantId: string): Promise<Team> {
  const [team] = await statement<Team>(em, `select ${columns} from kernel.tenants t where t.id = $1 and t.status = 'active'`, [tenantId]);
  if (team === undefined) throw NotFound({ message: 'There is no such team.' });
  return team;
}

/** `<time> <tenant>` of the last one shown, so that a page begins after it whatever has come or gone. */
function afterOf(cursor: string | null): [string | null, string | null] {
  if (cursor === null) return [null, null];
  const [at, id] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const isSound = at !== undefined && id !== undefined && /^\d{1,20}$/.test(at) && /^[0-9a-f-]{36}$/.test(id);
  return isSound ? [at, id] : ['0', '00000000-0000-0000-0000-000000000000'];
}

export function teams({ database, changes }: { database: Database; changes: AuthChanges }): Teams {
  return {
    get: (tenantId) => database.system((em) => teamOf(em, tenantId)),
    async listOf(userId, { limit, cursor }) {
      const rows = await database.system((em) =>
        statement<TeamOfMember & { after: string }>(
          em,
          `select t.id, t.name, m.role, ${utc('m.created_at')} as "joinedAt", (extract(epoch from m.created_at) * 1000000)::bigint::text as after
           from kernel.memberships m join kernel.tenants t on t.id = m.tenant_id and t.status = 'active'
           where m.user_id = $1 and ($2::bigint is null or ((extract(epoch from m.created_at) * 1000000)::bigint, m.tenant_id) > ($2::bigint, $3::uuid))
           order by (extract(epoch from m.created_at) * 1000000)::bigint, m.tenant_id limit $4`,
          [userId, ...afterOf(cursor), limit + 1],
        ),
      );
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(({ id, name, role, joinedAt }) => ({ id, name, role, joinedAt })),
        nextCursor: rows.length > limit && last !== undefined ? Buffer.from(`${last.after} ${last.id}`).toString('base64url') : null,
      };
    },
    async create({ id, name: given, ownerId }, beside) {
      const name = requireName(given, 'name');
      const made = await database.system(async (em) => {
        // the owner's row puts attempts in order, so that none passes the bound beside another
        await statement(em, 'select 1 from kernel.users where id = $1 for update', [ownerId]);
        const [owned] = await statement<{ count: number }>(em, `select count(*)::int as count from kernel.memberships m join kernel.tenants t on t.id = m.tenant_id and t.status = 'active' where m.user_id = $1 and m.role = 'owner'`, [ownerId]);
        const inserted = await statementCount(em, `insert into kernel.tenants (id, name, status) values ($1, $2, 'active') on conflict (id) do nothing`, [id, name]);
        if (inserted === 0) {
          const [mine] = await statement(em, `select 1 from kernel.memberships where tenant_id = $1 and user_id = $2 and role = 'owner'`, [id, ownerId]);
          if (mine === undefined) throw NotFound({ message: 'There is no such team.' });
          return teamOf(em, id);
        }
        if ((owned?.count ?? 0) >= maxOwned) throw QuotaExceeded({ message: `Nobody owns more than ${maxOwned} teams.`, details: { quota: 'teams', limit: maxOwned } });
        await statement(em, `insert into kernel.memberships (tenant_id, user_id, role) values ($1, $2, 'owner')`, [id, ownerId]);
        await beside(em);
        await changes.record(em, { revoked: false, tenantId: id, userId: ownerId });
        return teamOf(em, id);
      });
      await changes.catchUp();
      return made;
    },
    rename: (tenantId, given, beside) =>
      database.system(async (em) => {
        const name = requireName(given, 'name');
        const [row] = await statement<{ name: string }>(em, `select name from kernel.tenants where id = $1 and status = 'active' for update`, [tenantId]);
        if (row === undefined) throw NotFound({ message: 'There is no such team.' });
        const changed = row.name !== name;
        if (changed) {
          await statement(em, 'update kernel.tenants set name = $2 where id = $1', [tenantId, name]);
          await beside(em, { before: row.name, after: name });
        }
        return { team: await teamOf(em, tenantId), changed };
      }),
    async delete(tenantId, beside) {
      const deleted = await database.system(async (em) => {
        const ended = await statementCount(em, `update kernel.tenants set status = 'deleted', deleted_at = now() where id = $1 and status <> 'deleted'`, [tenantId]);
        if (ended === 0) return false;
        await statement(em, 'update kernel.api_keys set revoked_at = now() where tenant_id = $1 and revoked_at is null', [tenantId]);
        await beside(em);
        await changes.record(em, { revoked: true, tenantId });
        return true;
      });
      await changes.catchUp();
      return deleted;
    },
  };
}
