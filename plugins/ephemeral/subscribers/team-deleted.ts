import { subscriber } from '../kit.ts';
import { forgetSessions } from '../services/end-session.ts';

export const teamDeleted = subscriber({
  name: 'team-deleted',
  event: 'teams.deleted',
  retryLimit: 20,
  timeoutMs: 300_000,
  handler: (ctx) => forgetSessions(ctx, {}),
});
