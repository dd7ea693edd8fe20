import { Type, type Static } from '@proofpix/sdk';

/** What other plugins may use of `teams`. A team is a tenant: its id is the tenant's. */

const closed = { additionalProperties: false };
const Id = Type.String({ format: 'uuid' });
/** `owner`, `admin`, `member`, `viewer` or a custom role's id. */
const Role = Type.String({ maxLength: 64 });

/** `teams.created`, in the new team. */
export const TeamCreated = Type.Object({ teamId: Id, name: Type.String(), ownerId: Id }, closed);
export type TeamCreated = Static<typeof TeamCreated>;

/**
 * `teams.deleted`: nobody gets into the team any more. Whoever keeps something of it erases that now,
 * and nothing brings it back. Delivered in the deleted team, where the plugins still run for their
 * subscriptions.
 */
export const TeamDeleted = Type.Object({ teamId: Id }, closed);
export type TeamDeleted = Static<typeof TeamDeleted>;

/** `teams.member-joined`. Sockets see `team:member-joined`. */
export const MemberJoined = Type.Object({ teamId: Id, userId: Id, role: Role, invitedBy: Type.Union([Id, Type.Null()]) }, closed);
export type MemberJoined = Static<typeof MemberJoined>;

/** `teams.member-left`, by themselves or by `removedBy`. Sockets see `team:member-left`. */
export const MemberLeft = Type.Object({ teamId: Id, userId: Id, removedBy: Type.Union([Id, Type.Null()]) }, closed);
export type MemberLeft = Static<typeof MemberLeft>;

/** `teams.role-changed`: the role of a membership. Sockets see `team:role-changed`. */
export const RoleChanged = Type.Object({ teamId: Id, userId: Id, before: Role, after: Role, changedBy: Type.Union([Id, Type.Null()]) }, closed);
export type RoleChanged = Static<typeof RoleChanged>;

/** `teams.settings-updated`: names of what changed, not the values. Sockets see `team:settings-updated`. */
export const SettingsUpdated = Type.Object({ teamId: Id, changed: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 50 }) }, closed);
export type SettingsUpdated = Static<typeof SettingsUpdated>;

/** `teams.billing-contact-updated`: who wants to know it asks for it. */
export const BillingContactUpdated = Type.Object({ teamId: Id }, closed);
export type BillingContactUpdated = Static<typeof BillingContactUpdated>;
