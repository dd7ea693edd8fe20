import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonObject } from '@proofpix/sdk';
import type { Identity } from '../contract.ts';

/** A role as the team sees it. Times are RFC 3339. */
export interface TeamRole {
  /** `owner`, `admin`, `member`, `viewer`, or a custom role's id */
  id: string;
  name: string;
  description: string;
  builtIn: boolean;
  /** for a built-in role: what the enabled plugins name it for */
  permissions: string[];
  /** whose membership has this role, or who has it beside */
  memberCount: number;
  createdBy: string | null;
  createdAt: string | null;
  updatedAt: string | null;
}

/** One step of a change of roles. */
export type RoleChange =
  | { op: 'create'; name: string; description: string; permissions: readonly string[] }
  | { op: 'update'; roleId: string; name?: string | undefined; description?: string | undefined; permissions?: readonly string[] | undefined }
  /** `reassignTo` takes the members that have it: another role, or null to refuse while there are any */
  | { op: 'delete'; roleId: string; reassignTo: string | null }
  /** gives and takes custom roles beside the membership's own */
  | { op: 'assign'; userId: string; add: readonly string[]; remove: readonly string[] };

/** What a step did. */
export interface RoleOutcome {
  op: RoleChange['op'];
  /** user or role that was changed */
  target: string;
  /** false when all was so already */
  changed: boolean;
  before: JsonObject | null;
  after: JsonObject | null;
  /** members whose roles changed; null for too many to name */
  userIds: readonly string[] | null;
}

/** Writes what belongs to the changes (audit entries, events) in their transaction; told of steps that changed something, with their places. */
export type BesideSteps = (em: EntityManager, changed: readonly (RoleOutcome & { at: number })[]) => Promise<void>;

export interface Roles {
  /** Built-in roles first, then custom ones by name. @throws VALIDATION_ERROR for a cursor that is none */
  list(tenantId: string, page: { limit: number; cursor: string | null }): Promise<{ items: TeamRole[]; nextCursor: string | null }>;
  /** Null unless it is built in or one of the tenant's. */
  get(tenantId: string, roleId: string): Promise<TeamRole | null>;
  /** Custom roles that a member has beside their membership's. */
  assignedTo(tenantId: string, userId: string): Promise<string[]>;
  /**
   * Takes all the steps in one transaction, in order, or none. What the caller holds is read once, under locks:
   * no step raises what a later one may do.
   *
   * @throws of the first step that fails, with `details.index`: NOT_FOUND for a role or member that is not there,
   * CONFLICT (a name that is taken, a built-in role, a role in use), FORBIDDEN with `details.permissions` for what
   * the caller does not hold, VALIDATION_ERROR, QUOTA_EXCEEDED
   */
  change(caller: Identity, steps: readonly RoleChange[], beside: BesideSteps): Promise<RoleOutcome[]>;
}
