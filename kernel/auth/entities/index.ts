import { ApiKey, ApiKeyUsage, RequestNonce } from './api-keys.ts';
import { AuditChain, AuditRecord, AuthChange } from './audit.ts';
import { Credential, ExternalIdentity, LoginThrottle, OneTimeToken, Passkey, RecoveryCode, Session, SetupToken, SigningKey, TotpSecret } from './credentials.ts';
import { Avatar, User } from './people.ts';
import { Membership, Role, RoleAssignment, Tenant } from './tenancy.ts';

/** Every table of auth. */
export const authEntities = [User, Avatar, Credential, Session, ApiKey, ApiKeyUsage, RequestNonce, OneTimeToken, TotpSecret, RecoveryCode, Passkey, ExternalIdentity, Tenant, Membership, RoleAssignment, Role, AuditChain, AuditRecord, SigningKey, LoginThrottle, AuthChange, SetupToken];
