import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Emit, Id, Nullable, Text } from './shared.ts';

const Name = Type.String({ minLength: 1, maxLength: 100 });
const Email = Type.String({ minLength: 3, maxLength: 254 });
/** `owner`, `admin`, `member`, `viewer` or a custom role’s id. */
const RoleName = Type.String({ minLength: 1, maxLength: 64 });
const page = { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), cursor: Type.Optional(Nullable(Text)) };
const pageOf = <T extends Parameters<typeof Type.Array>[0]>(items: T) => Type.Object({ items: Type.Array(items), nextCursor: Nullable(Text) });

/** A team is a tenant. */
export const KernelTeam = Type.Object({ id: Id, name: Text, createdAt: Text });
/** A team as one of its members sees it in a list. */
export const KernelTeamOfMember = Type.Object({ id: Id, name: Text, role: Text, joinedAt: Text });
/** A member of the call’s team; a suspended one cannot get in. `grantedBy` gave the role; null for the first owner. */
export const KernelTeamMember = Type.Object({ userId: Id, email: Text, firstName: Text, lastName: Text, role: Text, suspended: Type.Boolean(), joinedAt: Text, grantedBy: Nullable(Id), grantedAt: Text });
/** Counts of the call’s team. What plugins hold is up to a second old. */
export const KernelTeamUsage = Type.Object({
  members: Type.Integer(),
  apiKeys: Type.Integer(),
  customRoles: Type.Integer(),
  files: Type.Object({ count: Type.Integer(), sizeBytes: Type.Integer() }),
  plugins: Type.Array(Type.Object({ pluginId: Text, rows: Type.Integer(), storedBytes: Type.Integer(), kvEntries: Type.Integer(), queuedJobs: Type.Integer() })),
});

/**
 * `kernel:identity`. Teams and who belongs to them. Whether the principal may ask is for the calling
 * plugin's permissions to say; that nobody gives, changes or takes a role with more than they hold
 * themselves, and that a team keeps an owner, is checked here, in the transaction of the change
 * (FORBIDDEN, CONFLICT). Every change is in the team's audit chain, in the same transaction.
 */
export const kernelTeams = defineService({
  id: 'kernel.teams',
  version: '1.0.0',
  methods: {
    /** The call's team. NOT_FOUND when it was deleted. */
    get: { input: Type.Object({}), output: KernelTeam, idempotent: true },
    /** Teams that the principal belongs to, oldest membership first. */
    list: { input: Type.Object(page), output: pageOf(KernelTeamOfMember), idempotent: true },
    /** Makes a team with the principal as its owner; events belong to the new team. The id is the caller's, so that they can name it. QUOTA_EXCEEDED for who owns too many. */
    create: { input: Type.Object({ id: Id, name: Name, emit: Emit }), output: KernelTeam, idempotent: true },
    /** Events are written only when the name changes. */
    rename: { input: Type.Object({ name: Name, emit: Emit }), output: Type.Object({ team: KernelTeam, changed: Type.Boolean() }), idempotent: true },
    /** Ends the team: nobody gets in, keys end, sockets close. Its row and audit chain stay. */
    delete: { input: Type.Object({ emit: Emit }), output: Type.Object({ deleted: Type.Boolean() }), idempotent: true },
    getMember: { input: Type.Object({ userId: Id }), output: Nullable(KernelTeamMember), idempotent: true },
    /** In order of address. `search` finds the start of an address, a first or a last name. */
    listMembers: { input: Type.Object({ search: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })), role: Type.Optional(RoleName), ...page }), output: pageOf(KernelTeamMember), idempotent: true },
    /** CONFLICT when `expectedRole` is not their role any more, and for the last owner. */
    setRole: { input: Type.Object({ userId: Id, role: RoleName, expectedRole: Type.Optional(RoleName), emit: Emit }), output: KernelTeamMember, idempotent: true },
    /** Anybody may leave; taking somebody else out needs what they hold. Ends their keys and sockets here. */
    removeMember: { input: Type.Object({ userId: Id, emit: Emit }), output: Type.Object({ removed: Type.Boolean() }), idempotent: true },
    /** Whether the principal may invite this address to this role: VALIDATION_ERROR, NOT_FOUND (role), FORBIDDEN, CONFLICT (a member already). Answers the address as accounts are known by. */
    checkInvitation: { input: Type.Object({ email: Email, role: RoleName }), output: Type.Object({ email: Email }), idempotent: true },
    /** Whether the principal could take an invitation to this address: FORBIDDEN unless it is theirs. */
    checkJoin: { input: Type.Object({ email: Email }), output: Type.Object({ isMember: Type.Boolean() }), idempotent: true },
    /** The principal becomes a member: their address must be `email`, and `grantedBy` must still be able to give the role. */
    join: { input: Type.Object({ email: Email, role: RoleName, grantedBy: Id, emit: Emit }), output: KernelTeamMember },
    /** Makes an account with a proven address, and a member. CONFLICT when the address has an account. */
    register: {
      input: Type.Object({ userId: Id, email: Email, password: Type.String({ minLength: 1, maxLength: 1024 }), firstName: Name, lastName: Name, role: RoleName, grantedBy: Id, emit: Emit }),
      output: KernelTeamMember,
    },
    usage: { input: Type.Object({}), output: KernelTeamUsage, idempotent: true },
  },
});
