import { Forbidden, Unauthorized } from '@proofpix/sdk';
import type { Auth, Identity } from '../auth/contract.ts';
import type { Access } from './fastify-types.ts';

/**
 * Lets through or refuses: no credentials before wrong ones, wrong ones before a missing permission.
 *
 * @throws UNAUTHORIZED, FORBIDDEN (naming the permission)
 */
export async function requireAccess(auth: Pick<Auth, 'can'>, rule: { access: Access; permission?: string | undefined }, identity: Identity | null): Promise<void> {
  if (rule.access === 'public') return;
  if (identity === null) throw Unauthorized();
  if (rule.access === 'operator' && !identity.principal.operator) throw Forbidden({ message: 'Only operators of this deployment may do this.' });
  if (rule.access === 'tenant' && identity.tenantId === null) throw Forbidden({ message: 'This needs a team: name one with X-Team-Id.', details: { field: 'headers.x-team-id', issue: 'is required' } });
  if (rule.permission === undefined) return;
  if (!(await auth.can(identity, rule.permission))) throw Forbidden({ message: `The permission ${rule.permission} is missing.`, details: { permission: rule.permission } });
}
