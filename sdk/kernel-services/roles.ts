import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Emit, Id, Nullable, Text } from './shared.ts';

/** `owner`, `admin`, `member`, `viewer`, or a custom role’s id. */
const RoleId = Type.String({ minLength: 1, maxLength: 64 });
/** `<plugin>:<action>`; in a custom role also `<plugin>:*`. */
const Permission = Type.String({ minLength: 3, maxLength: 120 });
const RoleIds = Type.Array(Id, { maxItems: 100 });
const page = { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), cursor: Type.Optional(Nullable(Text)) };
const pageOf = <T extends Parameters<typeof Type.Array>[0]>(items: T) => Type.Object({ items: Type.Array(items), nextCursor: Nullable(Text) });
const closed = { additionalProperties: false };

/** A role of the call’s team. A built-in one holds what the enabled plugins name it for, and has no times. `memberCount` counts members that have it as their membership’s role or beside it. */
export const KernelRole = Type.Object({
  id: RoleId,
  name: Text,
  description: Text,
  builtIn: Type.Boolean(),
  permissions: Type.Array(Permission),
  memberCount: Type.Integer(),
  createdBy: Nullable(Id),
  createdAt: Nullable(Text),
  updatedAt: Nullable(Text),
});

/** What declares a permission: a plugin as the team runs it, or `kernel`, which has no version. */
export const PermissionDeclarer = Type.Object({ id: Text, title: Text, version: Nullable(Text) });

/** A permission that there is in the call’s team, and the built-in roles that have it. */
export const KernelPermission = Type.Object({ permission: Permission, description: Text, roles: Type.Array(Text), declaredBy: PermissionDeclarer });

/** One thing that lets somebody do something. Which fields are set follows from `by`. */
export const PermissionReason = Type.Object({
  by: Type.Enum(['built-in-role', 'custom-role', 'ownership', 'system']),
  /** For people. */
  text: Text,
  /** Role, of `built-in-role` and `custom-role`. */
  roleId: Nullable(RoleId),
  roleName: Nullable(Text),
  /** The role’s line that covers the permission. */
  entry: Nullable(Text),
  /** The plugin whose manifest names the built-in role. */
  declaredBy: Nullable(PermissionDeclarer),
  /** Who gave the role; null for the first owner. */
  grantedBy: Nullable(Type.Object({ userId: Id, firstName: Nullable(Text), lastName: Nullable(Text) })),
  grantedAt: Nullable(Text),
});

/** One thing that is missing. */
export const PermissionObstacle = Type.Object({
  code: Type.Enum(['not-signed-in', 'not-a-member', 'no-role-has-it', 'plugin-not-enabled', 'not-declared', 'outside-key-scope']),
  /** For people. */
  text: Text,
  /** Built-in roles that would do, for `no-role-has-it`. */
  builtInRoles: Nullable(Type.Array(Text)),
});

/** A decision and everything that speaks for and against it: allowed when there is a reason and no obstacle. */
export const PermissionExplanation = Type.Object({ permission: Permission, allowed: Type.Boolean(), reasons: Type.Array(PermissionReason), obstacles: Type.Array(PermissionObstacle) });

/** An entry of the audit chain about somebody’s roles, or a role. */
export const RoleHistoryEntry = Type.Object({ sequence: Type.Integer(), at: Text, action: Text, target: Nullable(Text), actorId: Nullable(Id), impersonatorId: Nullable(Id), details: Type.Record(Text, Type.Unknown()) });

/** Gives and takes custom roles beside the membership’s own. `emit` is written only when something changed. */
const Assign = Type.Object({ op: Type.Literal('assign'), userId: Id, add: RoleIds, remove: RoleIds, emit: Emit }, closed);
const UpdateRole = Type.Object(
  { op: Type.Literal('update'), roleId: RoleId, name: Type.Optional(Type.String({ maxLength: 400 })), description: Type.Optional(Type.String({ maxLength: 1200 })), permissions: Type.Optional(Type.Array(Permission, { maxItems: 1000 })), emit: Emit },
  closed,
);

/**
 * `kernel:identity`. Custom roles of the call's team, who has them, and why somebody may do something.
 * Whether the principal may ask is for the calling plugin's permissions to say. Nobody gives, changes or
 * takes a role that holds more than they do, whichever way they ask (FORBIDDEN, `details.permissions`): it is
 * checked in the transaction of the change, under locks, within the scope of the API key that is used.
 * Every change is in the team's audit chain with before and after.
 */
export const kernelRoles = defineService({
  id: 'kernel.roles',
  version: '1.0.0',
  methods: {
    /** Built-in roles first, then custom ones by name. */
    list: { input: Type.Object(page), output: pageOf(KernelRole), idempotent: true },
    get: { input: Type.Object({ roleId: RoleId }), output: Nullable(KernelRole), idempotent: true },
    /** CONFLICT for a name that is taken; VALIDATION_ERROR for what no enabled plugin declares; QUOTA_EXCEEDED above 5,000 roles. */
    create: { input: Type.Object({ name: Type.String({ maxLength: 400 }), description: Type.Optional(Type.String({ maxLength: 1200 })), permissions: Type.Array(Permission, { maxItems: 1000 }), emit: Emit }), output: KernelRole },
    /** NOT_FOUND; CONFLICT for a built-in role and for a name that is taken. */
    update: { input: Type.Omit(UpdateRole, ['op']), output: KernelRole, idempotent: true },
    /** CONFLICT with `details.members` while members have it, unless `reassignTo` says which role they get: not owner, and one the principal could give. */
    remove: { input: Type.Object({ roleId: RoleId, reassignTo: Type.Optional(Nullable(RoleId)), emit: Emit }), output: Type.Object({ removed: Type.Boolean(), reassigned: Type.Integer() }) },
    /** At most 1,000 steps in one transaction, in order; the first that fails undoes all, with its place in `details.index`. */
    change: {
      input: Type.Object({ steps: Type.Array(Type.Union([Assign, UpdateRole]), { minItems: 1, maxItems: 1000 }) }),
      output: Type.Object({ steps: Type.Array(Type.Object({ op: Text, target: Text, changed: Type.Boolean(), roles: Nullable(Type.Array(Id)) })) }),
      idempotent: true,
    },
    /** Every permission that there is in the team: the enabled plugins' and the kernel's own. By name. */
    listPermissions: { input: Type.Object({}), output: Type.Object({ items: Type.Array(KernelPermission) }), idempotent: true },
    /** Of the member in general: a key of theirs may do less. The same answer for whoever is no member. */
    explain: { input: Type.Object({ userId: Id, permission: Permission, ownerId: Type.Optional(Id) }), output: PermissionExplanation, idempotent: true },
    /** The same for every permission that there is, by name. */
    explainAll: { input: Type.Object({ userId: Id, ...page }), output: pageOf(PermissionExplanation), idempotent: true },
    /** What became of a member's or a role's rights, newest first. */
    history: { input: Type.Object({ target: RoleId, ...page }), output: pageOf(RoleHistoryEntry), idempotent: true },
  },
});
