import type { EntityManager } from '@mikro-orm/postgresql';
import { ValidationError } from '@proofpix/sdk';
import { statement } from '../../database/statement.ts';
import type { PermissionDirectory } from '../contract.ts';
import { isBuiltInRole } from '../decision.ts';
import type { TeamRole } from './contract.ts';
import { linesOf } from './role-limits.ts';

interface Row {
  id: string;
  name: string;
  description: string;
  permissions: string[];
  memberCount: number;
  createdBy: string | null;
  createdAt: string;
  updatedAt: string;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const builtIn: readonly (readonly [id: string, description: string])[] = [
  ['owner', 'Everything, and the team itself'],
  ['admin', 'Runs the team'],
  ['member', 'Works in the team'],
  ['viewer', 'Looks on'],
];

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `r.id, r.name, r.description, r.permissions, r.created_by as "createdBy", ${utc('r.created_at')} as "createdAt", ${utc('r.updated_at')} as "updatedAt",
  ((select count(*) from kernel.role_assignments a where a.tenant_id = r.tenant_id and a.role_id = r.id)
   + (select count(*) from kernel.memberships m where m.tenant_id = r.tenant_id and m.role = r.id::text
      and not exists (select 1 from kernel.role_assignments b where b.tenant_id = m.tenant_id and b.user_id = m.user_id and b.role_id = r.id)))::int as "memberCount"`;

const toRole = (row: Row): TeamRole => ({ ...row, builtIn: false });

async function builtInRoles(em: EntityManager, directory: PermissionDirectory, tenantId: string): Promise<TeamRole[]> {
  const counts = await statement<{ role: string; count: number }>(em, 'select role, count(*)::int as count from kernel.memberships where tenant_id = $1 and role = any($2::text[]) group by role', [tenantId, builtIn.map(([id]) => id)]);
  return builtIn.map(([id, description]) => ({
    id,
    name: id,
    description,
    builtIn: true,
    permissions: [...linesOf(directory, tenantId, id, [])].toSorted(),
    memberCount: counts.find(({ role }) => role === id)?.count ?? 0,
    createdBy: null,
    createdAt: null,
    updatedAt: null,
  }));
}

/** Null unless the role is built in or one of the tenant's. */
export async function roleById(em: EntityManager, directory: PermissionDirectory, tenantId: string, roleId: string): Promise<TeamRole | null> {
  if (isBuiltInRole(roleId)) return (await builtInRoles(em, directory, tenantId)).find(({ id }) => id === roleId) ?? null;
  if (!uuid.test(roleId)) return null;
  const [row] = await statement<Row>(em, `select ${columns} from kernel.roles r where r.tenant_id = $1 and r.id = $2`, [tenantId, roleId]);
  return row === undefined ? null : toRole(row);
}

/** `b<n>`: after n built-in roles; `n<name>`: after the custom role of that name. */
const cursorOf = (place: string): string => Buffer.from(place).toString('base64url');

function placeOf(cursor: string | null): { builtIns: number; name: string } {
  if (cursor === null) return { builtIns: 0, name: '' };
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursorOf(text) === cursor && /^b[0-4]$/.test(text)) return { builtIns: Number(text.slice(1)), name: '' };
  if (cursorOf(text) === cursor && text.startsWith('n') && !text.includes('\0')) return { builtIns: builtIn.length, name: text.slice(1) };
  throw ValidationError({ message: 'The cursor is not one of ours.', details: { field: 'query.cursor', issue: 'is not a cursor' } });
}

/** Built-in roles first. Names are unique in a tenant, so a name is a place in the list. */
export async function listRoles(em: EntityManager, directory: PermissionDirectory, tenantId: string, { limit, cursor }: { limit: number; cursor: string | null }): Promise<{ items: TeamRole[]; nextCursor: string | null }> {
  const { builtIns, name } = placeOf(cursor);
  const lead = builtIns < builtIn.length ? (await builtInRoles(em, directory, tenantId)).slice(builtIns, builtIns + limit) : [];
  const room = limit - lead.length;
  const rows = await statement<Row>(em, `select ${columns} from kernel.roles r where r.tenant_id = $1 and r.name > $2 order by r.name limit $3`, [tenantId, name, room + 1]);
  const shown = rows.slice(0, room).map(toRole);
  const [last] = shown.slice(-1);
  const next = last === undefined ? `b${builtIns + lead.length}` : `n${last.name}`;
  const hasMore = rows.length > room || builtIns + lead.length < builtIn.length;
  return { items: [...lead, ...shown], nextCursor: hasMore ? cursorOf(next) : null };
}
