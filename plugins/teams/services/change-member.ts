import { NotFound } from '@proofpix/sdk';
import type { MemberLeft, RoleChanged } from '../contract.ts';
import type { TeamsContext } from '../kit.ts';

type KernelMember = NonNullable<Awaited<ReturnType<TeamsContext['services']['teams']['getMember']>>>;

const noMember = () => NotFound({ message: 'There is no such member.' });

/**
 * Gives a member another role, and tells of it in the same transaction.
 *
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT for the last owner or when somebody else changes the role at this moment
 */
export async function changeRole(ctx: TeamsContext, userId: string, role: string): Promise<{ member: KernelMember; changed: boolean }> {
  const known = await ctx.services.teams.getMember({ userId });
  if (known === null) throw noMember();
  const changed: RoleChanged = { teamId: ctx.auth.tenantId, userId, before: known.role, after: role, changedBy: ctx.auth.principal.userId };
  const member = await ctx.services.teams.setRole({ userId, role, expectedRole: known.role, emit: [{ name: 'teams.role-changed', payload: changed }] });
  return { member, changed: known.role !== role };
}

/**
 * Takes a member out, or lets them leave (`removedBy` null), and tells of it in the same transaction.
 *
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT for the last owner
 */
export async function takeOut(ctx: TeamsContext, userId: string, removedBy: string | null): Promise<void> {
  const left: MemberLeft = { teamId: ctx.auth.tenantId, userId, removedBy };
  const { removed } = await ctx.services.teams.removeMember({ userId, emit: [{ name: 'teams.member-left', payload: left }] });
  if (!removed) throw noMember();
}
