import { defineEntity, p, systemTable, tenantId, tenantTable } from '../../database/entity.ts';
import { createdAt, moment, text } from './columns.ts';

export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    name: text(),
    /** `active`, `suspended` or `deleted` */
    status: text(),
    createdAt: createdAt(),
    deletedAt: moment().nullable(),
  },
});

export const Membership = defineEntity({
  name: 'Membership',
  tableName: 'memberships',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    userId: p.uuid().primary(),
    /** `owner`, `admin`, `member`, `viewer` or a custom role's id */
    role: text(),
    /** who gave the role; null for the first owner */
    grantedBy: p.uuid().nullable(),
    grantedAt: createdAt(),
    createdAt: createdAt(),
    /** as long as it is set, the user is no member: an admin of the team suspended them there */
    suspendedAt: moment().nullable(),
  },
  indexes: [{ name: 'memberships_by_user', properties: ['userId'] }, { name: 'memberships_by_role', properties: ['tenantId', 'role'] }],
});

/** Custom roles that a member has beside the role of their membership. */
export const RoleAssignment = defineEntity({
  name: 'RoleAssignment',
  tableName: 'role_assignments',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    userId: p.uuid().primary(),
    roleId: p.uuid().primary(),
    grantedBy: p.uuid().nullable(),
    grantedAt: createdAt(),
  },
  indexes: [{ name: 'role_assignments_by_role', properties: ['tenantId', 'roleId'] }],
});

/** A custom role of a tenant. */
export const Role = defineEntity({
  name: 'Role',
  tableName: 'roles',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    id: p.uuid().primary(),
    name: text(),
    description: text().default(''),
    /** `<plugin>:<action>` */
    permissions: p.json<string[]>(),
    createdBy: p.uuid().nullable(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  uniques: [{ name: 'roles_by_name', properties: ['tenantId', 'name'] }],
});
