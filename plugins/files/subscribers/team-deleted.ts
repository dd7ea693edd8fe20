import { subscriber } from '../kit.ts';
import { deleteAll } from '../services/delete-all.ts';

/** A team was deleted, and its files go with it. */
export const teamDeleted = subscriber({
  name: 'team-deleted',
  event: 'teams.deleted',
  retryLimit: 20,
  timeoutMs: 900_000,
  handler: (ctx) => deleteAll(ctx),
});
