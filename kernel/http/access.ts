import { Forbidden, Unauthorized } from '@proofpix/sdk';
import type { Auth, Identity } from '../auth/contract.ts';
import type { Access } from './fastify-types.ts';

async function requirePermission(auth: Pick<Auth, 'can'>, identity: Identity, permission: string): Promise<void> {
  if (!(await auth.can(identity, permission))) throw Forbidden({ message: `The permission ${permission} is missing.`, details: { permission } });
}

/**
 * Lets through or refuses: no credentials before wrong ones, wrong ones before a missing permission.
 * Nothing to wait for when there is no permission to look up.
 *
 * @throws UNAUTHORIZED, FORBIDDEN; rejects with FORBIDDEN naming the permission
 */
export function requireAccess(auth: Pick<Auth, 'can'>, rule: { access: Access; permission?: string | undefined }, identity: Identity | null): Promise<void> | undefined {
  if (rule.access === 'public') return undefined;
  if (identity === null) throw Unauthorized();
  if (rule.access === 'operator' && !identity.principal.operator) throw Forbidden({ message: 'Only operators of this deployment may do this.' });
  if (rule.access === 'tenant' && identity.tenantId === null) throw Forbidden({ message: 'This needs a team: name one with X-Team-Id.', details: { field: 'headers.x-team-id', issue: 'is required' } });
  return rule.permission === undefined ? undefined : requirePermission(auth, identity, rule.permission);
}
