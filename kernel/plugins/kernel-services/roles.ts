import { Forbidden, kernelRoles, NotFound, ValidationError } from '@proofpix/sdk';
import type { Explanation, Identity, OpenAuth, RoleChange, TeamRole } from '../../auth/index.ts';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { PluginCall } from '../call.ts';
import { tenantOf } from '../host/host-call.ts';
import type { KernelService } from '../services.ts';
import type { EmittedWith, EmitWith } from './emit-with.ts';
import { giversIn, type NamedUser, shownExplanation } from './roles/explanation-text.ts';
import { historyOf } from './roles/role-history.ts';

export interface RolesServiceDeps {
  auth: Pick<OpenAuth, 'audit' | 'explain' | 'identityOf' | 'permissions' | 'roles'>;
  database: Database;
  emitWith: EmitWith;
}

interface Paging {
  limit?: number;
  cursor?: string | null;
}

interface Emitting {
  emit?: EmittedWith[];
}

type Step = Extract<RoleChange, { op: 'assign' | 'update' }> & Emitting;

const defaultLimit = 50;
const actions = { create: 'created', update: 'updated', delete: 'deleted', assign: 'assigned' } as const;

/** Roles belong to people: what the system does by the clock changes none. */
function callerOf(call: PluginCall): Identity {
  if (call.identity === null) throw Forbidden({ message: 'Roles are changed by members of the team.' });
  return { ...call.identity, tenantId: tenantOf(call) };
}

/** `kernel.roles`: custom roles, who has them, and why somebody may do something. */
export function rolesService({ auth, database, emitWith }: RolesServiceDeps): KernelService {
  const { roles, permissions } = auth;

  function change(call: PluginCall, steps: readonly (RoleChange & Emitting)[]) {
    const tenantId = tenantOf(call);
    const writers = steps.map(({ emit }) => emitWith(call, emit, tenantId));
    const actor = { ...call.principal, impersonatorId: call.identity?.impersonatorId ?? null };
    return roles.change(callerOf(call), steps, async (em, changed) => {
      for (const { at } of changed) await writers[at]?.(em);
      await auth.audit(changed.map(({ op, target, before, after }) => ({ tenantId, actor, action: `roles.${actions[op]}`, target, details: { before, after }, requestId: call.requestId })), em);
    });
  }

  async function roleOf(call: PluginCall, roleId: string): Promise<TeamRole> {
    const role = await roles.get(tenantOf(call), roleId);
    if (role === null) throw NotFound({ message: 'There is no such role.' });
    return role;
  }

  /** Who asks for a user that is no member gets the answer that nobody gets by. */
  async function identityOf(tenantId: string, userId: string): Promise<Identity> {
    const found = await auth.identityOf(userId, tenantId);
    return found ?? { principal: { kind: 'user', userId, credentialId: null, operator: false }, tenantId, role: null, roleGrant: null, customRoles: [], credentialId: null, impersonatorId: null, scope: null };
  }

  async function shown(explanations: readonly Explanation[]) {
    const ids = giversIn(explanations);
    const rows = ids.length === 0 ? [] : await database.system((em) => statement<NamedUser>(em, 'select id as "userId", first_name as "firstName", last_name as "lastName" from kernel.users where id = any($1::uuid[])', [ids]));
    const users = new Map(rows.map((row) => [row.userId, row]));
    return explanations.map((explanation) => shownExplanation(explanation, users));
  }

  const methods = {
    list: (call: PluginCall, { limit = defaultLimit, cursor = null }: Paging) => roles.list(tenantOf(call), { limit, cursor }),
    get: (call: PluginCall, { roleId }: { roleId: string }) => roles.get(tenantOf(call), roleId),
    async create(call: PluginCall, { description = '', ...role }: { name: string; description?: string; permissions: string[] } & Emitting) {
      const [made] = await change(call, [{ op: 'create', description, ...role }]);
      return roleOf(call, made?.target ?? '');
    },
    async update(call: PluginCall, role: { roleId: string; name?: string; description?: string; permissions?: string[] } & Emitting) {
      await change(call, [{ op: 'update', ...role }]);
      return roleOf(call, role.roleId);
    },
    async remove(call: PluginCall, { roleId, reassignTo = null, emit }: { roleId: string; reassignTo?: string | null } & Emitting) {
      const [outcome] = await change(call, [{ op: 'delete', roleId, reassignTo, ...(emit === undefined ? {} : { emit }) }]);
      return { removed: true, reassigned: Number(outcome?.after?.['members'] ?? 0) };
    },
    async change(call: PluginCall, { steps }: { steps: Step[] }) {
      const outcomes = await change(call, steps);
      return { steps: outcomes.map(({ op, target, changed, after }) => ({ op, target, changed, roles: op === 'assign' ? after?.['roles'] : null })) };
    },
    async listPermissions(call: PluginCall) {
      const items = permissions.list(tenantOf(call)).map(({ permission, description, roles: names, declaredBy }) => ({ permission, description, roles: [...names], declaredBy }));
      return { items: items.toSorted((a, b) => (a.permission < b.permission ? -1 : 1)) };
    },
    async explain(call: PluginCall, { userId, permission, ownerId }: { userId: string; permission: string; ownerId?: string }) {
      const identity = await identityOf(tenantOf(call), userId);
      const [explanation] = await shown([await auth.explain(identity, permission, ownerId === undefined ? undefined : { ownerId })]);
      return explanation;
    },
    async explainAll(call: PluginCall, { userId, limit = defaultLimit, cursor = null }: { userId: string } & Paging) {
      if (cursor !== null && !/^[a-z][a-z0-9:-]{1,119}$/.test(cursor)) throw ValidationError({ message: 'The cursor is not one of ours.', details: { field: 'query.cursor', issue: 'is not a cursor' } });
      const tenantId = tenantOf(call);
      const identity = await identityOf(tenantId, userId);
      const names = permissions.list(tenantId).map(({ permission }) => permission).filter((name) => cursor === null || name > cursor).toSorted();
      const items = await shown(await Promise.all(names.slice(0, limit).map((permission) => auth.explain(identity, permission))));
      return { items, nextCursor: names.length > limit ? (items.at(-1)?.permission ?? null) : null };
    },
    history: (call: PluginCall, { target, limit = defaultLimit, cursor = null }: { target: string } & Paging) => historyOf(database, tenantOf(call), target, { limit, cursor }),
  };
  return { ref: kernelRoles, capability: 'kernel:identity', methods: methods as unknown as KernelService['methods'] };
}
