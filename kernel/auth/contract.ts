import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonObject, Principal } from '@proofpix/sdk';

/** Who is asking, and for which tenant. Made once per request or socket. */
export interface Identity {
  principal: Principal;
  /** Null for a user without a tenant, and before one was chosen. */
  tenantId: string | null;
  /** Role in that tenant: `owner`, `admin`, `member`, `viewer` or a custom role's id. */
  role: string | null;
  /** Who gave the role, and when; null where it is not known. */
  roleGrant: RoleGrant | null;
  /** Custom roles beside it. */
  customRoles: readonly (RoleGrant & { roleId: string })[];
  /** Session or key; revocation names it. */
  credentialId: string | null;
  /** Set by an impersonation token; audit entries carry it. */
  impersonatorId: string | null;
  /** For an API key: permissions it is limited to; null is no limit. */
  scope: readonly string[] | null;
  /** For an API key: what else it is held to. */
  key?: KeyPolicy;
}

export interface KeyPolicy {
  /** Null is the deployment's limit alone. */
  requestsPerMinute: number | null;
  /** Every request must be signed; see {@link SignedRequest}. */
  signs: boolean;
}

/** What a signature covers: the request line and the headers that hold digest, time, nonce and signature. */
export interface SignedRequest {
  method: string;
  /** Path with query, as the server got it. */
  target: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Who gave a role (null for a team's first owner, and for the system), and when (RFC 3339). */
export interface RoleGrant {
  by: string | null;
  at: string;
}

/** How credentials come in: from a request's headers or a socket's authenticate frame. */
export interface Credentials {
  /** `Authorization` header. */
  authorization?: string | undefined;
  /** `X-API-Key` header. */
  apiKey?: string | undefined;
  /** `X-Team-Id` header. */
  teamId?: string | undefined;
  /** Of the client: a key that is limited to addresses is refused without. */
  address?: string | undefined;
  /** A key that signs is refused without. Its nonce is not used up by this: see {@link KeyRequests}. */
  request?: SignedRequest | undefined;
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

/** A permission as a plugin's manifest, or the kernel, declares it. */
export interface DeclaredPermission {
  /** `<plugin>:<action>` */
  permission: string;
  description: string;
  /** Built-in roles that have it. */
  roles: readonly string[];
  declaredBy: Declarer;
}

/** `kernel`, or a plugin as the tenant runs it. */
export interface Declarer {
  id: string;
  title: string;
  /** Null for the kernel. */
  version: string | null;
}

/** Which permissions there are in a tenant; the plugins module answers from the manifests enabled there. */
export interface PermissionDirectory {
  /** Null unless an enabled plugin declares it. */
  find(tenantId: string, permission: string): DeclaredPermission | null;
  list(tenantId: string): readonly DeclaredPermission[];
  isEnabled(tenantId: string, pluginId: string): boolean;
}

/** What lets somebody do something. */
export type Reason =
  | { by: 'built-in-role'; role: string; declaredBy: Declarer; grantedBy: string | null; grantedAt: string | null }
  /** `entry` is the role's line that covers the permission: itself, or `<plugin>:*`. */
  | { by: 'custom-role'; roleId: string; roleName: string; entry: string; grantedBy: string | null; grantedAt: string | null }
  | { by: 'ownership'; ownerId: string; declaredBy: Declarer }
  | { by: 'system' };

/** What keeps somebody from it. */
export type Obstacle =
  | { code: 'not-signed-in' }
  | { code: 'not-a-member' }
  | { code: 'no-role-has-it'; builtInRoles: readonly string[] }
  | { code: 'plugin-not-enabled' | 'not-declared'; pluginId: string }
  /** The key's scope leaves out what its user may do. */
  | { code: 'outside-key-scope'; scope: readonly string[] };

/** A decision and why. Allowed when there is a reason and no obstacle. */
export interface Explanation {
  permission: string;
  allowed: boolean;
  reasons: readonly Reason[];
  obstacles: readonly Obstacle[];
}

/** What the server does for each request by an API key. */
export interface KeyRequests {
  /**
   * Uses a signed request's nonce up, on all nodes.
   *
   * @throws UNAUTHORIZED when it was used before
   */
  spendNonce(keyId: string, nonce: string): Promise<void>;
  /** Counts a request that was answered; never waits. `endpoint` is method and route pattern, null where there is none. */
  count(use: { tenantId: string; keyId: string; endpoint: string | null; isError: boolean }): void;
}

export interface Auth {
  /**
   * Null without credentials.
   * @throws UNAUTHORIZED for bad, expired or revoked ones; FORBIDDEN for a tenant the user is not a member of.
   */
  authenticate(credentials: Credentials): Promise<Identity | null>;
  /**
   * The same credential in another tenant, for a request whose path names it; null unless its user is a member there.
   * An API key has one tenant and enters no other.
   */
  enter(identity: Identity, tenantId: string): Promise<Identity | null>;
  /** Deny by default. Cached per node; changes reach all nodes within a second. */
  can(identity: Identity, permission: string, resource?: { ownerId?: string }): Promise<boolean>;
  /** The same decision with everything that speaks for and against it. */
  explain(identity: Identity, permission: string, resource?: { ownerId?: string }): Promise<Explanation>;
  /** The current identity of a user in a tenant, for work that runs later; null when they are no longer a member. With `keyId` that of their API key, which has its limits; null when it has ended. */
  identityOf(userId: string, tenantId: string, keyId?: string | null): Promise<Identity | null>;
  /** Appends to the hash chain of the tenant (or of the deployment, for null), in the given transaction or its own. */
  audit(entry: AuditEntry | readonly AuditEntry[], em?: EntityManager): Promise<void>;
  /** Recomputes a chain. */
  verifyAudit(tenantId: string | null): Promise<{ ok: boolean; entries: number; brokenAt: string | null }>;
  /** Called when credentials end, so that sockets close: session, key, user or membership. */
  onRevoked(listener: (revoked: { credentialId?: string; userId?: string; tenantId?: string }) => void): void;
}
