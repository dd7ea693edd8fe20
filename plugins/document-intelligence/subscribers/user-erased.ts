import { subscriber } from '../kit.ts';

/**
 * A person is gone. What was found out about their files goes with each file; here stay what they
 * taught the team and the recognisers they made, without saying by whom.
 */
export const userErased = subscriber<{ userId: string }>({
  name: 'user-erased',
  event: 'users.erased',
  retryLimit: 20,
  async handler(ctx, { payload: { userId } }) {
    await ctx.db.corrections.update({ userId }, { userId: null });
    await ctx.db.recognisers.update({ createdBy: userId }, { createdBy: null });
  },
});
