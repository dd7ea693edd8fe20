import { subscriber } from '../kit.ts';
import { forgetSessions } from '../services/end-session.ts';

/** A person is gone, and so are their sessions; everybody's, where the team ends with them. */
export const userErased = subscriber<{ userId: string; teamGone: boolean }>({
  name: 'user-erased',
  event: 'users.erased',
  retryLimit: 20,
  timeoutMs: 300_000,
  handler: (ctx, { payload: { userId, teamGone } }) => forgetSessions(ctx, teamGone ? {} : { ownerId: userId }),
});
