import { KernelPermission, PermissionExplanation, RoleHistoryEntry, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { closed, Id, PageQuery, pageOf, RoleName, TeamParams } from '../schemas.ts';
import { type Assignment, withEvent } from '../services/role-changes.ts';

const RoleIds = Type.Array(Id, { maxItems: 100 });
const Permission = Type.String({ minLength: 3, maxLength: 120 });
const Outcome = Type.Object({ op: Type.Enum(['assign', 'update-role']), id: Type.String(), changed: Type.Boolean(), roles: Type.Union([Type.Array(Id), Type.Null()]) });

export const listPermissions = route({
  name: 'listPermissions',
  method: 'GET',
  path: '/api/teams/:teamId/permissions',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:read',
  summary: 'All permissions that there are in a team, for custom roles and keys',
  params: TeamParams,
  response: Type.Object({ items: Type.Array(KernelPermission), nextCursor: Type.Null() }),
  handler: async (ctx) => ({ ...(await ctx.services.roles.listPermissions({})), nextCursor: null }),
});

export const assignRoles = route({
  name: 'assignRoles',
  method: 'POST',
  path: '/api/teams/:teamId/permissions/assign',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-roles',
  summary: 'Give custom roles to members, and take them, beside the role of their membership',
  params: TeamParams,
  body: { json: Type.Object({ userIds: Type.Array(Id, { minItems: 1, maxItems: 100, uniqueItems: true }), add: Type.Optional(RoleIds), remove: Type.Optional(RoleIds) }, closed) },
  idempotent: true,
  response: Type.Object({ items: Type.Array(Type.Object({ userId: Id, changed: Type.Boolean(), roles: Type.Array(Id) })) }),
  async handler(ctx, { body: { userIds, add = [], remove = [] } }) {
    const { steps } = await ctx.services.roles.change({ steps: userIds.map((userId) => withEvent(ctx, { userId, add, remove })) });
    return { items: steps.map(({ target, changed, roles }) => ({ userId: target, changed, roles: roles ?? [] })) };
  },
});

export const auditPermissions = route({
  name: 'auditPermissions',
  method: 'GET',
  path: '/api/teams/:teamId/permissions/audit',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:read',
  summary: 'Why a member may, or may not, do something, and how their rights came about; others than oneself need teams:manage-roles',
  params: TeamParams,
  query: Type.Object({
    /** Default: the caller. */
    userId: Type.Optional(Id),
    /** Default: every permission there is in the team. */
    permission: Type.Optional(Permission),
    /** As if the resource belonged to this user. With `permission` only. */
    ownerId: Type.Optional(Id),
    ...PageQuery,
    historyCursor: Type.Optional(Type.String({ maxLength: 20 })),
  }),
  response: Type.Object({ userId: Id, ...pageOf(PermissionExplanation).properties, history: pageOf(RoleHistoryEntry) }),
  async handler(ctx, { query: { userId = ctx.auth.principal.userId ?? '', permission, ownerId, limit, cursor = null, historyCursor = null } }) {
    if (userId !== ctx.auth.principal.userId) await ctx.auth.require('teams:manage-roles');
    const { roles } = ctx.services;
    const explained = permission === undefined ? roles.explainAll({ userId, limit, cursor }) : roles.explain({ userId, permission, ...(ownerId === undefined ? {} : { ownerId }) }).then((one) => ({ items: [one], nextCursor: null }));
    const [page, history] = await Promise.all([explained, roles.history({ target: userId, limit, cursor: historyCursor })]);
    return { userId, ...page, history };
  },
});

const Change = Type.Union([
  Type.Object({ op: Type.Literal('assign'), userId: Id, add: Type.Optional(RoleIds), remove: Type.Optional(RoleIds) }, closed),
  Type.Object({ op: Type.Literal('update-role'), roleId: RoleName, name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })), description: Type.Optional(Type.String({ maxLength: 300 })), permissions: Type.Optional(Type.Array(Permission, { maxItems: 200 })) }, closed),
]);

export const bulkUpdate = route({
  name: 'bulkUpdatePermissions',
  method: 'PUT',
  path: '/api/teams/:teamId/permissions/bulk-update',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-roles',
  summary: 'Many assignments and changes of roles, all or none; an error says in details.index which one failed',
  params: TeamParams,
  body: { json: Type.Object({ changes: Type.Array(Change, { minItems: 1, maxItems: 1000 }) }, closed), maxBytes: 4_194_304 },
  timeoutMs: 60_000,
  response: Type.Object({ items: Type.Array(Outcome) }),
  async handler(ctx, { body: { changes } }) {
    const steps = changes.map((change) => {
      if (change.op === 'assign') return withEvent(ctx, { add: [], remove: [], ...change } satisfies Assignment & { op: string });
      const { op: _op, ...role } = change;
      return { op: 'update' as const, ...role };
    });
    const done = await ctx.services.roles.change({ steps });
    return { items: done.steps.map(({ op, target, changed, roles }) => ({ op: op === 'assign' ? ('assign' as const) : ('update-role' as const), id: target, changed, roles })) };
  },
});
