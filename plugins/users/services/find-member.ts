import { NoSuchUser } from '../errors.ts';
import type { UsersContext } from '../kit.ts';

/** Nobody learns of people outside their team. Operators know everybody. @throws NOT_FOUND */
export async function requireVisible(ctx: UsersContext, userId: string): Promise<void> {
  if (ctx.auth.principal.operator || userId === ctx.auth.principal.userId) return;
  if (ctx.auth.tenantId === '' || (await ctx.services.teams.getMember({ userId })) === null) throw NoSuchUser();
}
