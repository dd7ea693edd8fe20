import { Type, type Static } from '@proofpix/sdk';
import { BillingContact, SettingValues } from './contract.ts';

export const closed = { additionalProperties: false };
export const Id = Type.String({ format: 'uuid' });
export const Time = Type.String({ format: 'date-time' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const TeamParams = Type.Object({ teamId: Id });
export const MemberParams = Type.Object({ teamId: Id, userId: Id });
export const InvitationParams = Type.Object({ teamId: Id, invitationId: Id });
export const TokenParams = Type.Object({ token: Type.String({ minLength: 1, maxLength: 1024 }) });

/** One line, 1 to 100 characters. */
export const Name = Type.String({ minLength: 1, maxLength: 100 });
/** `owner`, `admin`, `member`, `viewer` or a custom role's id. */
export const RoleName = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z0-9-]+$' });
export const PageQuery = { limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }), cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) };
export const pageOf = <T extends Parameters<typeof Type.Array>[0]>(items: T) => Type.Object({ items: Type.Array(items), nextCursor: Nullable(Type.String()) });

export const Team = Type.Object({ id: Id, name: Type.String(), createdAt: Time });
export type Team = Static<typeof Team>;
/** A team in the list of one of its members. */
export const OwnTeam = Type.Object({ id: Id, name: Type.String(), role: RoleName, joinedAt: Time });
/** `id` is the user's. `grantedBy` gave the role; null for the first owner. */
export const Member = Type.Object({ id: Id, userId: Id, email: Type.String(), firstName: Type.String(), lastName: Type.String(), role: RoleName, suspended: Type.Boolean(), joinedAt: Time, grantedBy: Nullable(Id), grantedAt: Time });
export type Member = Static<typeof Member>;

export const InvitationStatus = Type.Enum(['pending', 'accepted', 'revoked', 'expired']);
export const Invitation = Type.Object({ id: Id, email: Type.String(), role: RoleName, status: InvitationStatus, invitedBy: Id, sentAt: Time, resent: Type.Integer(), expiresAt: Time });
export type Invitation = Static<typeof Invitation>;
/** What whoever holds the token may see: enough to tell whether the mail is genuine. */
export const PublicInvitation = Type.Object({
  team: Type.Object({ id: Id, name: Type.String() }),
  invitedBy: Nullable(Type.String()),
  /** With all but the ends replaced. */
  email: Type.String(),
  role: RoleName,
  expiresAt: Time,
});

export const Settings = Type.Object({ teamId: Id, name: Type.String(), ...SettingValues.properties });
export type Settings = Static<typeof Settings>;
export const SettingsPatch = Type.Object({ name: Type.Optional(Name), ...Type.Partial(SettingValues).properties }, { ...closed, minProperties: 1 });
export type SettingsPatch = Static<typeof SettingsPatch>;
export const Billing = Type.Object({ teamId: Id, contact: Nullable(BillingContact), updatedAt: Nullable(Time) });

export const Usage = Type.Object({
  teamId: Id,
  members: Type.Integer(),
  openInvitations: Type.Integer(),
  apiKeys: Type.Integer(),
  customRoles: Type.Integer(),
  /** Kept content of all plugins; bytes are counted once per content. */
  files: Type.Object({ count: Type.Integer(), sizeBytes: Type.Integer() }),
  /** What each plugin holds, up to a second old. */
  plugins: Type.Array(Type.Object({ pluginId: Type.String(), rows: Type.Integer(), storedBytes: Type.Integer(), kvEntries: Type.Integer(), queuedJobs: Type.Integer() })),
});
