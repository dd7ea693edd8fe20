import { Forbidden, isError, Type, ValidationError, type Static } from '@proofpix/sdk';
import type { UsersContext } from '../kit.ts';
import { maxRows } from './bulk-operations.ts';
import { requireStatusRights, scopeFor, setStatus, StatusScope } from './set-status.ts';

export const BulkOperationName = Type.Enum(['suspend', 'activate', 'set-role', 'remove-from-team']);
export type BulkOperationName = Static<typeof BulkOperationName>;

export const BulkBody = Type.Object(
  {
    operation: BulkOperationName,
    userIds: Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: maxRows, uniqueItems: true }),
    /** For `suspend` and `activate`. */
    scope: Type.Optional(StatusScope),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    /** For `set-role`: a built-in role or a custom role’s id. */
    role: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { additionalProperties: false },
);
export type BulkOptions = Omit<Static<typeof BulkBody>, 'operation' | 'userIds'>;

/** Whether the caller may at all; each row is judged again when its turn comes. @throws FORBIDDEN, VALIDATION_ERROR */
export async function requireBulkRights(ctx: UsersContext, operation: BulkOperationName, { scope, role }: BulkOptions): Promise<void> {
  const { principal } = ctx.auth;
  if (principal.kind !== 'user') throw Forbidden({ message: 'Only a person who has logged in may do this.' });
  const isOperators = (operation === 'suspend' || operation === 'activate') && scopeFor(ctx, scope) === 'account';
  if (!isOperators) await ctx.auth.require('users:bulk');
  if (operation === 'set-role' && role === undefined) throw ValidationError({ message: 'Which role?', details: { field: 'body.role', issue: 'is required' } });
  if (operation === 'suspend' || operation === 'activate') await requireStatusRights(ctx, scopeFor(ctx, scope));
  else await ctx.auth.require('teams:manage-members');
}

/** `unchanged`: it was so before. */
export type RowOutcome = 'succeeded' | 'unchanged';

/**
 * Does one row. With `again` an earlier try was cut off in the middle of it: what that try has done already is what
 * was wanted.
 */
export async function act(ctx: UsersContext, operation: BulkOperationName, { scope, reason, role }: BulkOptions, userId: string, again: boolean): Promise<RowOutcome> {
  const done = (changed: boolean): RowOutcome => (changed || again ? 'succeeded' : 'unchanged');
  if (operation === 'suspend' || operation === 'activate') {
    const { changed } = await setStatus(ctx, { userId, status: operation === 'suspend' ? 'suspended' : 'active', reason: reason ?? null, ...(scope === undefined ? {} : { scope }) });
    return done(changed);
  }
  await ctx.auth.require('teams:manage-members');
  if (operation === 'set-role') {
    const { changed } = await ctx.services.members.setRole({ userId, role: role ?? '' });
    return done(changed);
  }
  try {
    await ctx.services.members.remove({ userId });
    return 'succeeded';
  } catch (error) {
    if (again && isError(error, 'NOT_FOUND')) return 'succeeded';
    throw error;
  }
}
