import { isError, PluginError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { AuthChange, AuthChanges } from '../changes.ts';
import type { Identity, PermissionDirectory } from '../contract.ts';
import type { BesideSteps, RoleChange, RoleOutcome, Roles } from './contract.ts';
import { holdingsOf } from './holdings.ts';
import { listRoles, roleById } from './role-list.ts';
import { assignRoles, createRole, deleteRole, type RoleTransaction, updateRole } from './role-steps.ts';

/** Above this, caches forget everybody in the tenant instead of each one by name. */
const maxNamed = 50;

function step(tx: RoleTransaction, change: RoleChange): Promise<RoleOutcome> {
  switch (change.op) {
    case 'create':
      return createRole(tx, change);
    case 'update':
      return updateRole(tx, change);
    case 'delete':
      return deleteRole(tx, change);
    case 'assign':
      return assignRoles(tx, change);
  }
}

/** Says which step of several it was. */
function atStep(error: unknown, index: number): unknown {
  if (!(error instanceof PluginError) || isError(error, 'INTERNAL_SERVER_ERROR')) return error;
  const { code, kind, message, details, retryAfterSeconds } = error;
  return new PluginError({ code, kind, message, cause: error, details: { ...details, index }, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
}

/** What nodes must forget after the steps. */
function changesOf(tenantId: string, outcomes: readonly RoleOutcome[]): AuthChange[] {
  const edited = outcomes.filter(({ op }) => op === 'update' || op === 'delete').map(({ target }): AuthChange => ({ revoked: false, tenantId, roleId: target }));
  const userIds = new Set(outcomes.flatMap(({ userIds: ids }) => ids ?? []));
  const isMany = userIds.size > maxNamed || outcomes.some(({ userIds: ids }) => ids === null);
  if (isMany || edited.length > maxNamed) return [{ revoked: false, tenantId }];
  return [...edited, ...[...userIds].map((userId): AuthChange => ({ revoked: false, tenantId, userId }))];
}

/** Custom roles of teams, and who has them. A change takes effect here when the call resolves, on other nodes within a second. */
export function roles({ database, changes, permissions }: { database: Database; changes: AuthChanges; permissions: PermissionDirectory }): Roles {
  async function run(caller: Identity, steps: readonly RoleChange[], beside: BesideSteps): Promise<RoleOutcome[]> {
    const tenantId = caller.tenantId ?? '';
    return database.system(async (em) => {
      const holdings = await holdingsOf(em, permissions, caller, steps.flatMap((change) => (change.op === 'assign' ? [change.userId] : [])));
      const tx: RoleTransaction = { em, tenantId, directory: permissions, holdings, callerId: caller.principal.userId ?? '', known: new Map() };
      const outcomes: RoleOutcome[] = [];
      for (const [at, change] of steps.entries()) {
        const outcome = await step(tx, change).catch((error: unknown) => {
          throw steps.length === 1 ? error : atStep(error, at);
        });
        outcomes.push(outcome);
      }
      const changed = outcomes.flatMap((outcome, at) => (outcome.changed ? [{ ...outcome, at }] : []));
      if (changed.length > 0) {
        await beside(em, changed);
        await changes.record(em, ...changesOf(tenantId, changed));
      }
      return outcomes;
    });
  }

  return {
    list: (tenantId, page) => database.system((em) => listRoles(em, permissions, tenantId, page)),
    get: (tenantId, roleId) => database.system((em) => roleById(em, permissions, tenantId, roleId)),
    async assignedTo(tenantId, userId) {
      const rows = await database.system((em) => statement<{ roleId: string }>(em, 'select role_id as "roleId" from kernel.role_assignments where tenant_id = $1 and user_id = $2 order by role_id', [tenantId, userId]));
      return rows.map(({ roleId }) => roleId);
    },
    async change(caller, steps, beside) {
      const outcomes = await run(caller, steps, beside);
      await changes.catchUp();
      return outcomes;
    },
  };
}
