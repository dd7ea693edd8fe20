export type { Accounts } from './accounts.ts';
export type { AuditEntry, Auth, Credentials, DeclaredPermission, Explanation, Identity, PermissionDirectory } from './contract.ts';
export type { ApiKeys } from './keys/index.ts';
export type { Members } from './members.ts';
export { type AuthConfig, authEnvelopes, type AuthOptions, openAuth, type OpenAuth } from './open-auth.ts';
export type { SecondFactorNeeded } from './second-factor/gate.ts';
export type { CallerOf, Login, Proof, SignIn } from './sign-in.ts';
export type { RoleChange, RoleOutcome, Roles, TeamRole } from './roles/contract.ts';
export type { User } from './users.ts';
