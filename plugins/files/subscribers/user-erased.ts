import { subscriber } from '../kit.ts';
import { deleteAll, deleteAllOf } from '../services/delete-all.ts';

/**
 * A person is gone, and what they uploaded goes with them; everything, where the team ends with them. A large number
 * takes several tries: each goes on where the last one ended.
 */
export const userErased = subscriber<{ userId: string; teamGone: boolean }>({
  name: 'user-erased',
  event: 'users.erased',
  retryLimit: 20,
  timeoutMs: 900_000,
  async handler(ctx, { payload: { userId, teamGone } }) {
    // the links to others' files that they gave away
    await ctx.db.shares.delete({ createdBy: userId });
    // contents that they gave to others' files
    await ctx.db.versions.update({ broughtBy: userId }, { broughtBy: null });
    await ctx.db.documents.update({ versionBy: userId }, { versionBy: null });
    await (teamGone ? deleteAll(ctx) : deleteAllOf(ctx, { ownerId: userId }));
  },
});
