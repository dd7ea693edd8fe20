import { defineEntity, p, systemTable } from '../../database/entity.ts';
import { createdAt, moment, text } from './columns.ts';

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

/** One-time tokens by which the first operator is made. */
export const SetupToken = defineEntity({
  name: 'SetupToken',
  tableName: 'setup_tokens',
  ...systemTable(),
  properties: { hash: text().primary(), expiresAt: moment() },
});
