import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { statement, statementCount } from '../database/statement.ts';

/** A user as the API shows one. */
export interface User {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  operator: boolean;
  /** RFC 3339 */
  createdAt: string;
}

/** A user with what a login needs. */
export interface UserRecord extends User {
  status: 'active' | 'suspended';
  emailVerified: boolean;
  passwordHash: string | null;
}

export interface NewUser {
  /** default a new one */
  id?: string;
  /** normalised */
  email: string;
  firstName: string;
  lastName: string;
  /** null for somebody who comes in by other ways */
  passwordHash: string | null;
  operator: boolean;
  /** whether it is known that the user reads the mail of the address; default false */
  emailVerified?: boolean;
}

const columns = `u.id, u.email, u.first_name as "firstName", u.last_name as "lastName", u.operator, u.status, u.email_verified_at is not null as "emailVerified",
  to_char(u.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt", c.secret as "passwordHash"`;
const withPassword = `from kernel.users u left join kernel.credentials c on c.user_id = u.id and c.kind = 'password'`;

export function toUser({ id, email, firstName, lastName, operator, createdAt }: UserRecord): User {
  return { id, email, firstName, lastName, operator, createdAt };
}

export async function userByEmail(em: EntityManager, email: string): Promise<UserRecord | null> {
  const [row] = await statement<UserRecord>(em, `select ${columns} ${withPassword} where u.email = $1`, [email]);
  return row ?? null;
}

export async function userById(em: EntityManager, id: string): Promise<UserRecord | null> {
  const [row] = await statement<UserRecord>(em, `select ${columns} ${withPassword} where u.id = $1`, [id]);
  return row ?? null;
}

/** Makes a user, their password if any, and a tenant of their own with the role owner. Null when the address is taken. */
export async function insertUser(em: EntityManager, user: NewUser): Promise<{ user: UserRecord; tenantId: string } | null> {
  const id = user.id ?? randomUUID();
  const tenantId = randomUUID();
  const inserted = await statementCount(
    em,
    `insert into kernel.users (id, email, first_name, last_name, status, operator, email_verified_at) values ($1, $2, $3, $4, 'active', $5, case when $6::boolean then now() end) on conflict (email) do nothing`,
    [id, user.email, user.firstName, user.lastName, user.operator, user.emailVerified ?? false],
  );
  if (inserted === 0) return null;
  if (user.passwordHash !== null) await statement(em, `insert into kernel.credentials (user_id, kind, secret) values ($1, 'password', $2)`, [id, user.passwordHash]);
  await statement(em, `insert into kernel.tenants (id, name, status) values ($1, $2, 'active')`, [tenantId, `${user.firstName} ${user.lastName}`]);
  await statement(em, `insert into kernel.memberships (tenant_id, user_id, role) values ($1, $2, 'owner')`, [tenantId, id]);
  const made = await userById(em, id);
  return made === null ? null : { user: made, tenantId };
}

export async function setPasswordHash(em: EntityManager, userId: string, hash: string): Promise<void> {
  await statement(em, `insert into kernel.credentials (user_id, kind, secret) values ($1, 'password', $2) on conflict (user_id, kind) do update set secret = excluded.secret, changed_at = now()`, [userId, hash]);
}

export interface MembershipOf {
  tenantId: string;
  name: string;
  role: string;
}

/** Active tenants that a user belongs to, oldest membership first. */
export function membershipsOf(em: EntityManager, userId: string): Promise<MembershipOf[]> {
  return statement<MembershipOf>(
    em,
    `select m.tenant_id as "tenantId", t.name, m.role from kernel.memberships m join kernel.tenants t on t.id = m.tenant_id and t.status = 'active'
     where m.user_id = $1 and m.suspended_at is null order by m.created_at, m.tenant_id limit 1000`,
    [userId],
  );
}

export async function hasOperator(em: EntityManager): Promise<boolean> {
  return (await statement(em, 'select 1 from kernel.users where operator limit 1')).length > 0;
}
