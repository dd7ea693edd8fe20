import type { TeamsContext } from '../kit.ts';

export interface Assignment {
  userId: string;
  add: string[];
  remove: string[];
}

/** A step that tells the team when it changes something. */
export function withEvent(ctx: Pick<TeamsContext, 'auth'>, { userId, add, remove }: Assignment) {
  const { tenantId: teamId, principal } = ctx.auth;
  const payload = { teamId, userId, rolesAdded: add, rolesRemoved: remove, changedBy: principal.userId };
  return { op: 'assign' as const, userId, add, remove, emit: [{ name: 'teams.role-changed', payload }] };
}
