import { KernelRole, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { closed, PageQuery, pageOf, RoleName, TeamParams } from '../schemas.ts';

const RoleParams = Type.Object({ ...TeamParams.properties, roleId: RoleName });
const fields = {
  name: Type.String({ minLength: 1, maxLength: 100 }),
  description: Type.String({ maxLength: 300 }),
  /** `<plugin>:<action>`, or `<plugin>:*` for all that the plugin declares. */
  permissions: Type.Array(Type.String({ minLength: 3, maxLength: 120 }), { maxItems: 200 }),
};

export const listRoles = route({
  name: 'listRoles',
  method: 'GET',
  path: '/api/teams/:teamId/roles',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:read',
  summary: 'Built-in and custom roles of a team, with how many members have them',
  params: TeamParams,
  query: Type.Object(PageQuery),
  response: pageOf(KernelRole),
  handler: (ctx, { query }) => ctx.services.roles.list(query),
});

export const createRole = route({
  name: 'createRole',
  method: 'POST',
  path: '/api/teams/:teamId/roles/create',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-roles',
  summary: 'Make a custom role of permissions that one holds oneself',
  params: TeamParams,
  body: { json: Type.Object({ name: fields.name, description: Type.Optional(fields.description), permissions: fields.permissions }, closed) },
  status: 201,
  response: KernelRole,
  handler: (ctx, { body }) => ctx.services.roles.create(body),
});

export const updateRole = route({
  name: 'updateRole',
  method: 'PUT',
  path: '/api/teams/:teamId/roles/:roleId',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-roles',
  summary: 'Change a custom role whose permissions one holds oneself, before and after',
  params: RoleParams,
  body: { json: Type.Object({ name: Type.Optional(fields.name), description: Type.Optional(fields.description), permissions: Type.Optional(fields.permissions) }, { ...closed, minProperties: 1 }) },
  response: KernelRole,
  handler: (ctx, { params: { roleId }, body }) => ctx.services.roles.update({ roleId, ...body }),
});

export const deleteRole = route({
  name: 'deleteRole',
  method: 'DELETE',
  path: '/api/teams/:teamId/roles/:roleId',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-roles',
  summary: 'Delete a custom role; members that have it get the role named by reassign',
  params: RoleParams,
  query: Type.Object({
    /** A role’s id or built-in name, other than owner. Without it a role that members have is not deleted. */
    reassign: Type.Optional(RoleName),
  }),
  response: Type.Object({ id: Type.String(), deleted: Type.Boolean(), reassigned: Type.Integer() }),
  async handler(ctx, { params: { roleId }, query: { reassign = null } }) {
    const { tenantId: teamId, principal } = ctx.auth;
    // a role that can be deleted has a uuid; anything else is refused before the event would be looked at
    const emit = /^[0-9a-f-]{36}$/.test(roleId) ? [{ name: 'teams.role-deleted', payload: { teamId, roleId, reassignedTo: reassign, deletedBy: principal.userId } }] : [];
    const { removed, reassigned } = await ctx.services.roles.remove({ roleId, reassignTo: reassign, emit });
    return { id: roleId, deleted: removed, reassigned };
  },
});
