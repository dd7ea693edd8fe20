import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Query } from './boot-connection.ts';
import { quoteIdentifier, quoteLiteral, roleNames } from './role-names.ts';

const catalogAttempts = 10;

/** SQLSTATEs of two databases of one cluster changing the same role at once: the change exists, or must be tried again. */
const alreadyThere = new Set(['42710', '23505']);
const tryAgain = 'XX000';

/** Runs a statement on the shared role catalogue; advisory locks do not reach across databases, so it may race. */
export async function changeRoles(query: Query, sql: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await query(sql);
      return;
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (alreadyThere.has(code)) return;
      if (code !== tryAgain || attempt === catalogAttempts) throw error;
      await delay(10 * attempt);
    }
  }
}

export async function createRole(query: Query, name: string, attributes = 'nologin'): Promise<boolean> {
  const found = await query('select 1 from pg_roles where rolname = $1', [name]);
  if (found.length > 0) return false;
  await changeRoles(query, `create role ${quoteIdentifier(name)} ${attributes} nosuperuser nocreatedb nocreaterole noinherit`);
  return true;
}

/** Lets `member` switch to `role` with SET ROLE, without having its rights before that. */
export async function allowSetRole(query: Query, role: string, member: string): Promise<void> {
  const found = await query(
    `select 1 from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles u on u.oid = m.member
     where r.rolname = $1 and u.rolname = $2 and m.set_option and not m.inherit_option`,
    [role, member],
  );
  if (found.length > 0) return;
  await changeRoles(query, `grant ${quoteIdentifier(role)} to ${quoteIdentifier(member)} with set true, inherit false`);
}

/** @throws Error whose message holds the SQL to run, when the role of `DATABASE_URL` may not create roles and schemas */
export async function requireBootRights(query: Query): Promise<void> {
  const [rights] = await query(
    `select current_user as name, current_database() as database, rolcreaterole or rolsuper as roles,
            has_database_privilege(current_database(), 'CREATE') as schemas
     from pg_roles where rolname = current_user`,
  );
  if (rights?.['roles'] && rights['schemas']) return;
  const name = quoteIdentifier(String(rights?.['name']));
  const database = quoteIdentifier(String(rights?.['database']));
  throw new Error(
    `The role in DATABASE_URL may not create roles and schemas. Run this as an administrator:\n  ALTER ROLE ${name} CREATEROLE;\n  GRANT CREATE ON DATABASE ${database} TO ${name};`,
  );
}

const keyCheck = (masterKey: Uint8Array, prefix: string): string => createHmac('sha256', masterKey).update(`proofpix deployment ${prefix}`).digest('hex');

/** Makes another master key the deployment's: from then on nodes boot with that one only. Call it inside a transaction. */
export async function changeDeploymentKey(query: Query, prefix: string, newMasterKey: Buffer): Promise<void> {
  await query('update kernel.deployment set key_check = $1', [keyCheck(newMasterKey, prefix)]);
  await query(`alter role ${quoteIdentifier(roleNames(prefix).app)} login password ${quoteLiteral(servingPassword(newMasterKey, prefix))}`);
}

/** What identifies this deployment inside the cluster. */
export interface Deployment {
  prefix: string;
}

/**
 * Finds or makes the deployment's row. Its key check proves that every node boots with the same master key.
 *
 * @throws Error when the database was made with another master key
 */
export async function ensureDeployment(query: Query, masterKey: Buffer): Promise<Deployment> {
  await query('create schema if not exists kernel');
  await query(
    `create table if not exists kernel.deployment (
       id smallint primary key default 1 check (id = 1), prefix text not null, key_check text not null, created_at timestamptz not null default now())`,
  );
  const [row] = await query('select prefix, key_check from kernel.deployment');
  if (row) {
    const prefix = String(row['prefix']);
    const stored = Buffer.from(String(row['key_check']));
    const own = Buffer.from(keyCheck(masterKey, prefix));
    if (stored.length !== own.length || !timingSafeEqual(stored, own)) {
      throw new Error('MASTER_KEY is not the one this database was set up with: secrets and the serving login would be lost, so this node does not start');
    }
    return { prefix };
  }
  const prefix = `px_${randomBytes(4).toString('hex')}`;
  await query('insert into kernel.deployment (prefix, key_check) values ($1, $2)', [prefix, keyCheck(masterKey, prefix)]);
  return { prefix };
}

/** Every node must know the serving login's password, so it follows from the master key and is stored nowhere. */
export function servingPassword(masterKey: Buffer, prefix: string): string {
  return createHmac('sha256', masterKey).update(`proofpix serving login ${prefix}`).digest('base64url');
}

/** Sets the password again, for a cluster that was restored without its roles' passwords. */
export async function resetServingPassword(query: Query, prefix: string, password: string): Promise<void> {
  await changeRoles(query, `alter role ${quoteIdentifier(roleNames(prefix).app)} login password ${quoteLiteral(password)}`);
}

/** So that no statement and no forgotten transaction of a node holds its locks for ever; a transaction may ask for less. */
const servingLimits = { statement_timeout: '60s', idle_in_transaction_session_timeout: '60s' };

/** Makes the deployment's login and system role; both get data rights on kernel tables, never rights to change them. */
export async function ensureRoles(query: Query, prefix: string, password: string): Promise<void> {
  const names = roleNames(prefix);
  if (await createRole(query, names.app, `login password ${quoteLiteral(password)}`)) {
    for (const [setting, value] of Object.entries(servingLimits)) await changeRoles(query, `alter role ${quoteIdentifier(names.app)} set ${setting} = '${value}'`);
  }
  await createRole(query, names.system);
  await allowSetRole(query, names.system, names.app);
  // PostgreSQL 16 and later give the creator of a role no right to become it: data migrations need that
  const [boot] = await query('select current_user as name, rolsuper as super from pg_roles where rolname = current_user');
  if (!boot?.['super']) await allowSetRole(query, names.system, String(boot?.['name']));
  const both = `${quoteIdentifier(names.app)}, ${quoteIdentifier(names.system)}`;
  await query(`grant usage on schema kernel to ${both}`);
  await query(`alter default privileges in schema kernel grant select, insert, update, delete on tables to ${both}`);
  await query(`alter default privileges in schema kernel grant usage on sequences to ${both}`);
  const [database] = await query(`select current_database() as name, pg_has_role(datdba, 'USAGE') as owned from pg_database where datname = current_database()`);
  if (database?.['owned']) await query(`revoke temporary on database ${quoteIdentifier(String(database['name']))} from public`);
}
