import type { Explanation, Obstacle, Reason } from '../../../auth/contract.ts';

/** A user as an explanation names one; without names when they are gone. */
export interface NamedUser {
  userId: string;
  firstName: string | null;
  lastName: string | null;
}

/** Ids of those who gave roles in these explanations. */
export function giversIn(explanations: readonly Explanation[]): string[] {
  return [...new Set(explanations.flatMap(({ reasons }) => reasons.flatMap((reason) => ('grantedBy' in reason && reason.grantedBy !== null ? [reason.grantedBy] : []))))];
}

const day = (at: string | null): string => (at === null ? '' : ` on ${at.slice(0, 10)}`);

function given(grantedBy: NamedUser | null, at: string | null): string {
  if (grantedBy === null) return at === null ? '' : ` Held since ${at.slice(0, 10)}, given by nobody: it came with the team.`;
  const name = grantedBy.firstName === null ? `user ${grantedBy.userId}` : `${grantedBy.firstName} ${grantedBy.lastName ?? ''}`.trimEnd();
  return ` Given by ${name}${day(at)}.`;
}

function textOf(reason: Reason, permission: string, grantedBy: NamedUser | null): string {
  switch (reason.by) {
    case 'built-in-role':
      return `The role ${reason.role} has ${permission}, as ${reason.declaredBy.title} declares.${given(grantedBy, reason.grantedAt)}`;
    case 'custom-role':
      return `The role ${reason.roleName} lists ${reason.entry}.${given(grantedBy, reason.grantedAt)}`;
    case 'ownership':
      return `It is their own, and ${reason.declaredBy.title} lets people do this with what is theirs.`;
    case 'system':
      return 'The deployment itself is at work.';
  }
}

function shownReason(reason: Reason, permission: string, users: ReadonlyMap<string, NamedUser>) {
  const giver = 'grantedBy' in reason ? reason.grantedBy : null;
  const grantedBy = giver === null ? null : (users.get(giver) ?? { userId: giver, firstName: null, lastName: null });
  return {
    by: reason.by,
    text: textOf(reason, permission, grantedBy),
    roleId: reason.by === 'built-in-role' ? reason.role : reason.by === 'custom-role' ? reason.roleId : null,
    roleName: reason.by === 'built-in-role' ? reason.role : reason.by === 'custom-role' ? reason.roleName : null,
    entry: reason.by === 'custom-role' ? reason.entry : null,
    declaredBy: 'declaredBy' in reason ? reason.declaredBy : null,
    grantedBy,
    grantedAt: 'grantedAt' in reason ? reason.grantedAt : null,
  };
}

function obstacleText(obstacle: Obstacle, permission: string): string {
  switch (obstacle.code) {
    case 'not-signed-in':
      return 'Nobody is signed in.';
    case 'not-a-member':
      return 'They are not a member of this team.';
    case 'no-role-has-it':
      return `None of their roles has ${permission}; ${obstacle.builtInRoles.length === 0 ? 'no built-in role has it, only a custom one can' : `${obstacle.builtInRoles.join(', ')} would`}.`;
    case 'plugin-not-enabled':
      return `The plugin ${obstacle.pluginId} is not enabled in this team.`;
    case 'not-declared':
      return `${obstacle.pluginId} is enabled, but declares no ${permission}.`;
    case 'outside-key-scope':
      return 'The scope of the API key leaves it out.';
  }
}

/** An explanation as the service answers it, with names and sentences. */
export function shownExplanation({ permission, allowed, reasons, obstacles }: Explanation, users: ReadonlyMap<string, NamedUser>) {
  return {
    permission,
    allowed,
    reasons: reasons.map((reason) => shownReason(reason, permission, users)),
    obstacles: obstacles.map((obstacle) => ({ code: obstacle.code, text: obstacleText(obstacle, permission), builtInRoles: obstacle.code === 'no-role-has-it' ? [...obstacle.builtInRoles] : null })),
  };
}
