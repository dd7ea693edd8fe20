import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { boundedMap } from './bounded-map.ts';
import type { AuthChanges } from './changes.ts';
import type { Auth, Identity, PermissionDirectory } from './contract.ts';
import { type CustomRole, decide, isBuiltInRole } from './decision.ts';

const maxCached = 20_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface Cached {
  tenantId: string;
  /** null: there is no such role */
  role: CustomRole | null;
}

/** Roles of an identity that are not built in. */
function customRolesOf({ role, customRoles }: Identity): string[] {
  const ids = customRoles.map(({ roleId }) => roleId);
  if (role !== null && !isBuiltInRole(role)) ids.push(role);
  return ids;
}

/**
 * Decisions ({@link decide}) over custom roles that are cached per node: warm, neither method asks the database.
 * A role is forgotten when it changes; which roles somebody has is part of the identity.
 */
export function permissionCheck({ database, permissions, changes }: { database: Database; permissions: PermissionDirectory; changes: AuthChanges }): Pick<Auth, 'can' | 'explain'> {
  const cache = boundedMap<Cached>(maxCached);
  let epoch = 0;

  changes.onChange((change) => {
    // what concerns one user or credential leaves the roles themselves as they are
    if (change.userId !== undefined || change.credentialId !== undefined) return;
    epoch += 1;
    if (change.tenantId !== undefined && change.roleId !== undefined) cache.delete(`${change.tenantId} ${change.roleId}`);
    else for (const [key, { tenantId }] of cache.entries()) if (change.tenantId === undefined || change.tenantId === tenantId) cache.delete(key);
  });
  changes.onGap(() => {
    epoch += 1;
    cache.clear();
  });

  async function load(tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, CustomRole>> {
    const before = epoch;
    const rows = await database.tenant(tenantId, (em) => statement<{ id: string; name: string; permissions: string[] }>(em, 'select id, name, permissions from kernel.roles where tenant_id = $1 and id = any($2::uuid[])', [tenantId, ids]));
    const found = new Map(rows.map(({ id, name, permissions: granted }) => [id, { name, permissions: new Set(granted) }]));
    if (epoch === before) for (const id of ids) cache.set(`${tenantId} ${id}`, { tenantId, role: found.get(id) ?? null });
    return found;
  }

  /** Null when all the roles are in the cache. */
  function missing(tenantId: string, identity: Identity): string[] | null {
    const ids = customRolesOf(identity);
    if (ids.length === 0) return null;
    const unknown = ids.filter((id) => uuid.test(id) && cache.get(`${tenantId} ${id}`) === undefined);
    return unknown.length === 0 ? null : unknown;
  }

  const explain: Auth['explain'] = async (identity, permission, resource) => {
    const { tenantId } = identity;
    const unknown = tenantId === null ? null : missing(tenantId, identity);
    const loaded = unknown === null ? null : await load(tenantId as string, unknown);
    const customRole = (roleId: string): CustomRole | null => loaded?.get(roleId) ?? cache.get(`${tenantId} ${roleId}`)?.role ?? null;
    return decide({ identity, directory: permissions, customRole }, permission, resource);
  };
  return { explain, can: async (identity, permission, resource) => (await explain(identity, permission, resource)).allowed };
}
