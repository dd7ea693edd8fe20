import type { EntityManager } from '@mikro-orm/postgresql';
import { ValidationError } from '@proofpix/sdk';
import { statement } from '../../database/statement.ts';

/** A member as the team sees one. Times are RFC 3339. */
export interface TeamMember {
  userId: string;
  email: string;
  firstName: string;
  lastName: string;
  role: string;
  /** an admin of the team suspended them there */
  suspended: boolean;
  joinedAt: string;
  /** who gave the role; null for the first owner */
  grantedBy: string | null;
  grantedAt: string;
}

export interface MemberQuery {
  /** beginning of an address, a first or a last name, in any case */
  search: string | null;
  role: string | null;
  limit: number;
  cursor: string | null;
}

export interface FoundMembers {
  items: TeamMember[];
  nextCursor: string | null;
}

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `u.id as "userId", u.email, u.first_name as "firstName", u.last_name as "lastName", m.role, m.suspended_at is not null as suspended,
  ${utc('m.created_at')} as "joinedAt", m.granted_by as "grantedBy", ${utc('m.granted_at')} as "grantedAt"`;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const lowest = '00000000-0000-0000-0000-000000000000';

export async function memberOf(em: EntityManager, tenantId: string, userId: string): Promise<TeamMember | null> {
  const [member] = await statement<TeamMember>(em, `select ${columns} from kernel.memberships m join kernel.users u on u.id = m.user_id where m.tenant_id = $1 and m.user_id = $2`, [tenantId, userId]);
  return member ?? null;
}

/** Every text that begins with `start` sorts from `start` to here, in the order of code points. */
const endOf = (start: string): string => `${start}\u{10ffff}`;

/**
 * Members in the order of their ids, which never changes under who pages: the key of the table itself.
 * A search looks up who is called so by the indexes over beginnings and then who of them is a member,
 * or goes through the members: the planner knows which are fewer.
 *
 * @throws VALIDATION_ERROR for a cursor that is none
 */
export async function findMembers(em: EntityManager, tenantId: string, { search, role, limit, cursor }: MemberQuery): Promise<FoundMembers> {
  if (cursor !== null && !uuid.test(cursor)) throw ValidationError({ message: 'The cursor is not one of ours.', details: { field: 'query.cursor', issue: 'is not a cursor' } });
  const parameters: unknown[] = [tenantId, cursor ?? lowest, limit + 1];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  let where = '';
  if (role !== null) where += ` and m.role = ${bind(role)}`;
  if (search !== null) {
    const start = search.normalize('NFC').toLowerCase();
    const [from, to] = [bind(start), bind(endOf(start))];
    const begins = (column: string): string => `(${column} collate "C" >= ${from} and ${column} collate "C" < ${to})`;
    where += ` and (${begins('u.email')} or ${begins('lower(u.first_name)')} or ${begins('lower(u.last_name)')})`;
  }
  const rows = await statement<TeamMember>(
    em,
    `select ${columns} from kernel.memberships m join kernel.users u on u.id = m.user_id
     where m.tenant_id = $1 and m.user_id > $2::uuid${where} order by m.user_id limit $3`,
    parameters,
  );
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.userId ?? null) : null };
}
