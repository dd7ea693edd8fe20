import { defineEntity, p, systemTable, tenantId, tenantTable } from '../database/entity.ts';

const text = () => p.string().columnType('text');
const moment = () => p.datetime().columnType('timestamptz');
const createdAt = () => moment().defaultRaw('now()');

/** A person. Identities cross tenants, so only the system role sees them. */
export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    /** normalised; unique */
    email: text().unique(),
    emailVerifiedAt: moment().nullable(),
    firstName: text(),
    lastName: text(),
    /** `active` or `suspended` */
    status: text(),
    operator: p.boolean(),
    createdAt: createdAt(),
    lastLoginAt: moment().nullable(),
    /** the owner asked for the account's end: it is erased then, unless they change their mind before */
    eraseAt: moment().nullable(),
    /** what a person may say of themselves beside the name; all of it optional */
    profile: p.json<Record<string, string>>().defaultRaw(`'{}'`),
    /** of the person, whatever team they act in; the users plugin knows its schema */
    preferences: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
  },
  indexes: [
    { name: 'users_by_erase_at', properties: ['eraseAt'] },
    { name: 'users_by_created', properties: ['createdAt', 'id'] },
    // in the order of code points: beginnings of words and pages of a list both find their place in it
    { name: 'users_by_email_text', expression: 'create index "users_by_email_text" on "kernel"."users" ("email" collate "C")' },
    { name: 'users_by_first_name', expression: 'create index "users_by_first_name" on "kernel"."users" (lower("first_name") collate "C")' },
    { name: 'users_by_last_name', expression: 'create index "users_by_last_name" on "kernel"."users" (lower("last_name") collate "C", lower("first_name") collate "C", "id")' },
  ],
});

/** A user's picture as squares of WebP, made by whoever decoded the original, which is not kept. */
export const Avatar = defineEntity({
  name: 'Avatar',
  tableName: 'avatars',
  ...systemTable(),
  properties: {
    userId: p.uuid().primary(),
    /** edge in pixels */
    size: p.integer().primary(),
    content: p.blob(),
    /** lower-case hex SHA-256 of the content */
    sha256: text(),
    updatedAt: createdAt(),
  },
});

/** How a user proves who they are: `password` now; one-time codes and keys fit beside it. */
export const Credential = defineEntity({
  name: 'Credential',
  tableName: 'credentials',
  ...systemTable(),
  properties: {
    userId: p.uuid().primary(),
    kind: text().primary(),
    /** a bcrypt hash for `password`; an envelope of the vault in base64 for anything that must be read back */
    secret: text(),
    changedAt: createdAt(),
  },
});

/** A family of refresh tokens: one login on one device. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid().index(),
    tenantId: p.uuid().nullable(),
    impersonatorId: p.uuid().nullable(),
    /** how it began: `password`, `passkey`, `oauth:<provider>`, `impersonation` */
    method: text().default('password'),
    /** a second factor was shown */
    secondFactor: p.boolean().default(false),
    /** marks the family's tokens, so that an outdated one is told from an invented one */
    familyKey: p.blob(),
    /** SHA-256 of the refresh token that is good now, and of the one before it */
    currentHash: p.blob(),
    previousHash: p.blob().nullable(),
    rotatedAt: moment().nullable(),
    /** the current token, encrypted under the previous one: for a client that asked twice */
    successor: p.blob().nullable(),
    address: text().nullable(),
    userAgent: text().nullable(),
    createdAt: createdAt(),
    lastUsedAt: createdAt(),
    expiresAt: moment().index(),
    revokedAt: moment().nullable(),
    revokedFor: text().nullable(),
  },
  indexes: [{ name: 'sessions_by_impersonator', expression: 'create index "sessions_by_impersonator" on "kernel"."sessions" ("impersonator_id") where impersonator_id is not null' }],
});

/** A key for programs, of one user in one tenant. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    userId: p.uuid().index(),
    name: text(),
    /** SHA-256: the key has 256 random bits, so nothing slower is needed */
    hash: p.blob(),
    /** the secret before the last rotation, good until then */
    previousHash: p.blob().nullable(),
    previousUntil: moment().nullable(),
    rotatedAt: moment().nullable(),
    /** permissions it is limited to; null is no limit */
    scope: p.json<string[]>().nullable(),
    /** addresses it may come from, in CIDR notation; null is any */
    addresses: p.json<string[]>().nullable(),
    /** null is the deployment's limit */
    requestsPerMinute: p.integer().nullable(),
    /** for signed requests: the HMAC secret in an envelope of the vault; null when requests are not signed */
    signingSealed: p.blob().nullable(),
    createdAt: createdAt(),
    lastUsedAt: moment().nullable(),
    expiresAt: moment().nullable(),
    revokedAt: moment().nullable(),
  },
  indexes: [{ name: 'api_keys_by_tenant', properties: ['tenantId'] }],
});

/** Requests of a key, by UTC day and endpoint. */
export const ApiKeyUsage = defineEntity({
  name: 'ApiKeyUsage',
  tableName: 'api_key_usage',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    keyId: p.uuid().primary(),
    day: p.string().columnType('date').primary(),
    /** method and route pattern; what is beyond the bound counts as `other` */
    endpoint: text().primary(),
    requests: p.bigint(),
    errors: p.bigint(),
  },
});

/** Nonces of signed requests, for as long as their timestamp would be accepted. */
export const RequestNonce = defineEntity({
  name: 'RequestNonce',
  tableName: 'request_nonces',
  ...systemTable(),
  properties: { keyId: p.uuid().primary(), nonce: text().primary(), expiresAt: moment().index() },
});

/** Single-use tokens sent by mail or held between two requests of one flow; only their hash is kept. */
export const OneTimeToken = defineEntity({
  name: 'OneTimeToken',
  tableName: 'one_time_tokens',
  ...systemTable(),
  properties: {
    /** lower-case hex SHA-256 */
    hash: text().primary(),
    /** `verify-email`, `reset-password`, `second-factor`, `passkey-challenge`, `sign-in-flow`, … */
    purpose: text(),
    userId: p.uuid().nullable().index(),
    /** what the flow has to remember, in an envelope of the vault */
    dataSealed: p.blob().nullable(),
    attempts: p.integer().default(0),
    createdAt: createdAt(),
    expiresAt: moment().index(),
  },
});

/** Time-based one-time passwords (RFC 6238) of a user. */
export const TotpSecret = defineEntity({
  name: 'TotpSecret',
  tableName: 'totp_secrets',
  ...systemTable(),
  properties: {
    userId: p.uuid().primary(),
    sealed: p.blob(),
    /** null until a first code proved that the app has the secret */
    confirmedAt: moment().nullable(),
    /** the time step of the last code taken: no code is good twice */
    lastStep: p.bigint().nullable(),
    createdAt: createdAt(),
  },
});

/** Codes for who has lost their second factor; each is deleted when it is used. */
export const RecoveryCode = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_codes',
  ...systemTable(),
  properties: { userId: p.uuid().primary(), hash: text().primary() },
});

/** WebAuthn credentials. */
export const Passkey = defineEntity({
  name: 'Passkey',
  tableName: 'passkeys',
  ...systemTable(),
  properties: {
    /** credential id in base64url */
    id: text().primary(),
    userId: p.uuid().index(),
    name: text(),
    publicKey: p.blob(),
    counter: p.bigint(),
    transports: p.json<string[]>(),
    backedUp: p.boolean(),
    createdAt: createdAt(),
    lastUsedAt: moment().nullable(),
  },
});

/** Accounts elsewhere by which a user signs in. */
export const ExternalIdentity = defineEntity({
  name: 'ExternalIdentity',
  tableName: 'external_identities',
  ...systemTable(),
  properties: {
    /** issuer identifier (OpenID Connect Core 1.0, section 2) and subject */
    issuer: text().primary(),
    subject: text().primary(),
    provider: text(),
    userId: p.uuid(),
    email: text().nullable(),
    /** tokens of the provider, in an envelope of the vault */
    tokensSealed: p.blob().nullable(),
    tokensExpireAt: moment().nullable(),
    /** who renews the tokens has this lease until then; the others wait, so that the provider is asked once */
    refreshLease: p.uuid().nullable(),
    refreshLeaseUntil: moment().nullable(),
    refreshedAt: moment().nullable(),
    linkedAt: createdAt(),
    lastUsedAt: moment().nullable(),
  },
  uniques: [{ name: 'external_identities_by_user', properties: ['userId', 'provider'] }],
});

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

/** The end of each audit chain; its row lock puts entries in order. The deployment's chain has the zero uuid. */
export const AuditChain = defineEntity({
  name: 'AuditChain',
  tableName: 'audit_chains',
  ...tenantTable(),
  properties: { tenantId: tenantId(), sequence: p.bigint(), hash: text() },
});

export const AuditRecord = defineEntity({
  name: 'AuditRecord',
  tableName: 'audit_entries',
  ...tenantTable(),
  properties: {
    tenantId: tenantId(),
    sequence: p.bigint().primary(),
    /** canonical JSON of the entry, as it was hashed */
    entry: text(),
    /** lower-case hex SHA-256 of the previous hash and the entry */
    hash: text(),
    /** out of the entry, for queries */
    action: text(),
    userId: p.uuid().nullable(),
    target: text().nullable(),
    at: moment(),
  },
  indexes: [
    { name: 'audit_entries_by_target', properties: ['tenantId', 'target', 'sequence'] },
    { name: 'audit_entries_by_time', properties: ['tenantId', 'at'] },
    { name: 'audit_entries_by_user', properties: ['tenantId', 'userId', 'sequence'] },
    { name: 'audit_entries_of_person', properties: ['userId', 'at'] },
  ],
});

/** Key pairs that sign access tokens, with an overlap in which the older one still verifies. */
export const SigningKey = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  ...systemTable(),
  properties: {
    kid: text().primary(),
    publicKey: text(),
    /** PKCS #8, in an envelope of the vault */
    privateSealed: p.blob(),
    createdAt: createdAt(),
    signsFrom: moment(),
    signsUntil: moment(),
    verifiesUntil: moment(),
  },
});

/** Failed logins per account and per address; both as hashes. */
export const LoginThrottle = defineEntity({
  name: 'LoginThrottle',
  tableName: 'login_throttles',
  ...systemTable(),
  properties: {
    key: text().primary(),
    failures: p.integer(),
    lastAt: createdAt(),
    lockedUntil: moment().nullable(),
  },
});

/** What nodes must forget, and what has ended: read by all of them when the topic `auth` is raised. */
export const AuthChange = defineEntity({
  name: 'AuthChange',
  tableName: 'auth_changes',
  ...systemTable(),
  properties: {
    id: p.bigint().primary().autoincrement(),
    at: createdAt().index(),
    /** credentials ended; otherwise only rights changed */
    revoked: p.boolean(),
    credentialId: p.uuid().nullable(),
    userId: p.uuid().nullable(),
    tenantId: p.uuid().nullable(),
    roleId: p.uuid().nullable(),
  },
});

/** One-time tokens by which the first operator is made. */
export const SetupToken = defineEntity({
  name: 'SetupToken',
  tableName: 'setup_tokens',
  ...systemTable(),
  properties: { hash: text().primary(), expiresAt: moment() },
});

export const authEntities = [User, Avatar, Credential, Session, ApiKey, ApiKeyUsage, RequestNonce, OneTimeToken, TotpSecret, RecoveryCode, Passkey, ExternalIdentity, Tenant, Membership, RoleAssignment, Role, AuditChain, AuditRecord, SigningKey, LoginThrottle, AuthChange, SetupToken];
