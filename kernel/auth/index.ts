export type { Accounts, CallerOf, Login } from './accounts.ts';
export type { ApiKeys } from './api-keys.ts';
export type { AuditEntry, Auth, Credentials, Identity, PermissionDirectory } from './contract.ts';
export type { Members } from './members.ts';
export { type AuthConfig, authEnvelopes, type AuthOptions, openAuth, type OpenAuth } from './open-auth.ts';
export type { User } from './users.ts';
