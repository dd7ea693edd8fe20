import { defineService, Type, type Static } from '@proofpix/sdk';

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

/**
 * `teams.role-changed`: either the role of a membership (`before`, `after`) or custom roles beside it
 * (`rolesAdded`, `rolesRemoved`: what was asked for). Sockets see `team:role-changed`.
 */
export const RoleChanged = Type.Object(
  {
    teamId: Id,
    userId: Id,
    before: Type.Optional(Role),
    after: Type.Optional(Role),
    rolesAdded: Type.Optional(Type.Array(Id, { maxItems: 100 })),
    rolesRemoved: Type.Optional(Type.Array(Id, { maxItems: 100 })),
    changedBy: Type.Union([Id, Type.Null()]),
  },
  closed,
);
export type RoleChanged = Static<typeof RoleChanged>;

/** `teams.role-deleted`: a custom role is gone; who had it has `reassignedTo` instead, or nothing. Sockets see `team:role-deleted`. */
export const RoleDeleted = Type.Object({ teamId: Id, roleId: Id, reassignedTo: Type.Union([Role, Type.Null()]), deletedBy: Type.Union([Id, Type.Null()]) }, closed);
export type RoleDeleted = Static<typeof RoleDeleted>;

/** `teams.settings-updated`: names of what changed, not the values. Sockets see `team:settings-updated`. */
export const SettingsUpdated = Type.Object({ teamId: Id, changed: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 50 }) }, closed);
export type SettingsUpdated = Static<typeof SettingsUpdated>;

/** `teams.billing-contact-updated`: who wants to know it asks for it. */
export const BillingContactUpdated = Type.Object({ teamId: Id }, closed);
export type BillingContactUpdated = Static<typeof BillingContactUpdated>;

/** Settings of a team. */
export const SettingValues = Type.Object(
  {
    /** For people: what the team is for. */
    description: Type.String({ maxLength: 500 }),
    /** IANA name, e.g. `Europe/Lisbon`. */
    timeZone: Type.String({ maxLength: 60, pattern: '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$' }),
    /** BCP 47: language, script, region. */
    locale: Type.String({ maxLength: 12, pattern: '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$' }),
    /** Role of an invitation that names none. */
    defaultRole: Type.Enum(['admin', 'member', 'viewer']),
    /** Only addresses of these domains may be invited; none is no limit. Lower case. */
    allowedEmailDomains: Type.Array(Type.String({ maxLength: 253, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)+$' }), { maxItems: 50, uniqueItems: true }),
  },
  closed,
);
export type SettingValues = Static<typeof SettingValues>;

const Line = Type.String({ minLength: 1, maxLength: 200 });

/** Whom bills are addressed to. */
export const BillingContact = Type.Object(
  {
    name: Line,
    email: Type.String({ format: 'email', maxLength: 254 }),
    company: Type.Optional(Line),
    address: Type.Optional(
      Type.Object(
        {
          line1: Line,
          line2: Type.Optional(Line),
          city: Line,
          region: Type.Optional(Line),
          postalCode: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
          /** ISO 3166-1 alpha-2. */
          country: Type.String({ pattern: '^[A-Z]{2}$' }),
        },
        closed,
      ),
    ),
    /** As the tax office writes it, e.g. a VAT number. */
    taxId: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
    /** The team's own order number. */
    reference: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  closed,
);
export type BillingContact = Static<typeof BillingContact>;

/**
 * What a team says of itself, for other plugins, in the call's team. `billingContact` needs
 * `teams:manage-billing` of the principal, unless it is the system.
 *
 * Errors: FORBIDDEN.
 */
export const teamsDirectory = defineService({
  id: 'teams.directory',
  version: '1.0.0',
  methods: {
    settings: { input: Type.Object({}, closed), output: Type.Object({ name: Type.String(), ...SettingValues.properties }, closed), idempotent: true },
    billingContact: { input: Type.Object({}, closed), output: Type.Union([BillingContact, Type.Null()]), idempotent: true },
  },
});

/**
 * Changes of members for other plugins, in the call's team, as the principal: same rights, events and audit entries
 * as over HTTP. Errors: FORBIDDEN, NOT_FOUND, CONFLICT (the last owner; somebody else changed the role meanwhile).
 */
export const teamsMembers = defineService({
  id: 'teams.members',
  version: '1.0.0',
  methods: {
    /** `changed` is false when they had the role before. */
    setRole: { input: Type.Object({ userId: Id, role: Role }, closed), output: Type.Object({ changed: Type.Boolean() }, closed), idempotent: true },
    remove: { input: Type.Object({ userId: Id }, closed), output: Type.Object({ removed: Type.Boolean() }, closed), idempotent: true },
  },
});
