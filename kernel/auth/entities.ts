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
    /** permissions it is limited to; null is no limit */
    scope: p.json<string[]>().nullable(),
    createdAt: createdAt(),
    expiresAt: moment().nullable(),
    revokedAt: moment().nullable(),
  },
  indexes: [{ name: 'api_keys_by_tenant', properties: ['tenantId'] }],
});

export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    name: text(),
    /** `active` or `suspended` */
    status: text(),
    createdAt: createdAt(),
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
    createdAt: createdAt(),
  },
  indexes: [{ name: 'memberships_by_user', properties: ['userId'] }],
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
    /** `<plugin>:<action>` */
    permissions: p.json<string[]>(),
    createdAt: createdAt(),
  },
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
    at: moment(),
  },
  indexes: [{ name: 'audit_entries_by_time', properties: ['tenantId', 'at'] }],
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
  },
});

/** One-time tokens by which the first operator is made. */
export const SetupToken = defineEntity({
  name: 'SetupToken',
  tableName: 'setup_tokens',
  ...systemTable(),
  properties: { hash: text().primary(), expiresAt: moment() },
});

export const authEntities = [User, Credential, Session, ApiKey, Tenant, Membership, Role, AuditChain, AuditRecord, SigningKey, LoginThrottle, AuthChange, SetupToken];
