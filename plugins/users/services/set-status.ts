import { Forbidden, Type, type Static } from '@proofpix/sdk';
import type { UsersContext } from '../kit.ts';
import { beside, selfOf } from './events.ts';
import { requireVisible } from './find-member.ts';

/** `account` is everywhere and for operators; `team` is the membership in the caller’s team. Default: the widest that the caller may. */
export const StatusScope = Type.Enum(['account', 'team']);
export type StatusScope = Static<typeof StatusScope>;

export const scopeFor = (ctx: UsersContext, asked: StatusScope | undefined): StatusScope => asked ?? (ctx.auth.principal.operator ? 'account' : 'team');

/** @throws FORBIDDEN for who may not in this scope */
export async function requireStatusRights(ctx: UsersContext, scope: StatusScope): Promise<void> {
  if (scope === 'team') await ctx.auth.require('users:suspend');
  else if (!ctx.auth.principal.operator) throw Forbidden({ message: 'Only an operator suspends accounts.' });
}

/** @throws FORBIDDEN, NOT_FOUND, CONFLICT for oneself */
export async function setStatus(ctx: UsersContext, { userId, status, reason, scope: asked }: { userId: string; status: 'active' | 'suspended'; reason: string | null; scope?: StatusScope }): Promise<{ scope: StatusScope; changed: boolean }> {
  const scope = scopeFor(ctx, asked);
  await requireStatusRights(ctx, scope);
  if (scope === 'team') await requireVisible(ctx, userId);
  const of = scope === 'team' ? 'membership' : 'account';
  const { changed } = await ctx.services.users.setStatus({ userId, of, status, reason, ...beside(ctx, 'users.status-changed', { userId, of, status, changedBy: selfOf(ctx) }) });
  return { scope, changed };
}
