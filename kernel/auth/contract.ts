import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonObject, Principal } from '@proofpix/sdk';

/** Who is asking, and for which tenant. Made once per request or socket. */
export interface Identity {
  principal: Principal;
  /** Null for a user without a tenant, and before one was chosen. */
  tenantId: string | null;
  /** Role in that tenant: `owner`, `admin`, `member`, `viewer` or a custom role's id. */
  role: string | null;
  /** Session or key; revocation names it. */
  credentialId: string | null;
  /** Set by an impersonation token; audit entries carry it. */
  impersonatorId: string | null;
  /** For an API key: permissions it is limited to; null is no limit. */
  scope: readonly string[] | null;
}

/** How credentials come in: from a request's headers or a socket's authenticate frame. */
export interface Credentials {
  /** `Authorization` header. */
  authorization?: string | undefined;
  /** `X-API-Key` header. */
  apiKey?: string | undefined;
  /** `X-Team-Id` header. */
  teamId?: string | undefined;
}

export interface AuditEntry {
  tenantId: string | null;
  actor: Principal & { impersonatorId?: string | null };
  /** `<plugin or kernel>.<action>`. */
  action: string;
  target?: string | null;
  details?: JsonObject;
  requestId?: string | null;
}

/** Which built-in roles have a permission in a tenant; the plugins module answers from the manifests enabled there. */
export interface PermissionDirectory {
  rolesWith(tenantId: string, permission: string): readonly string[];
}

export interface Auth {
  /**
   * Null without credentials.
   * @throws UNAUTHORIZED for bad, expired or revoked ones; FORBIDDEN for a tenant the user is not a member of.
   */
  authenticate(credentials: Credentials): Promise<Identity | null>;
  /** Deny by default. Cached per node; changes reach all nodes within a second. */
  can(identity: Identity, permission: string, resource?: { ownerId?: string }): Promise<boolean>;
  /** The current identity of a user in a tenant, for work that runs later; null when they are no longer a member. */
  identityOf(userId: string, tenantId: string): Promise<Identity | null>;
  /** Appends to the hash chain of the tenant (or of the deployment, for null), in the given transaction or its own. */
  audit(entry: AuditEntry, em?: EntityManager): Promise<void>;
  /** Recomputes a chain. */
  verifyAudit(tenantId: string | null): Promise<{ ok: boolean; entries: number; brokenAt: string | null }>;
  /** Called when credentials end, so that sockets close: session, key, user or membership. */
  onRevoked(listener: (revoked: { credentialId?: string; userId?: string; tenantId?: string }) => void): void;
}
