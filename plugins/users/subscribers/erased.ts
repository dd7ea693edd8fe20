import type { UserErased } from '../contract.ts';
import { subscriber, type UsersContext } from '../kit.ts';
import { dropExport } from '../services/exports.ts';

const batch = 100;

export async function dropExports(ctx: UsersContext, where: { userId?: string }): Promise<void> {
  for (;;) {
    const { items } = await ctx.db.exports.find({ where, limit: batch });
    for (const one of items) await dropExport(ctx, one);
    if (items.length < batch) return;
  }
}

/** What this plugin itself keeps of a person: exports, and rows of bulk operations. */
export const erased = subscriber<UserErased>({
  name: 'user-erased',
  event: 'users.erased',
  retryLimit: 10,
  async handler(ctx, { payload: { userId, teamGone } }) {
    await dropExports(ctx, teamGone ? {} : { userId });
    await ctx.db.bulkRows.delete(teamGone ? {} : { userId });
    if (teamGone) await ctx.db.bulkOperations.delete({});
  },
});
