import { Forbidden, type Principal, Unauthorized } from '@proofpix/sdk';

/** Who acts on people, through a plugin's call. */
export interface Actor {
  principal: Principal;
  /** set while an operator acts for somebody else */
  impersonatorId: string | null;
  /** the team that the call is for */
  tenantId: string | null;
  requestId: string | null;
}

/** The actor's own id, for what concerns their own account. @throws UNAUTHORIZED for work that nobody is behind */
export function selfOf({ principal }: Pick<Actor, 'principal'>): string {
  if (principal.userId === null) throw Unauthorized();
  return principal.userId;
}

/** The actor's own id, for what only a person who has logged in may do. @throws FORBIDDEN for a program's key */
export function personOf(actor: Pick<Actor, 'principal'>): string {
  const userId = selfOf(actor);
  if (actor.principal.kind !== 'user') throw Forbidden({ message: 'Only a person who has logged in may do this.' });
  return userId;
}

/** As {@link personOf}. @throws FORBIDDEN also for whoever acts for somebody else */
export function ownerOfAccount(actor: Actor): string {
  const userId = personOf(actor);
  if (actor.impersonatorId !== null) throw Forbidden({ message: 'Whoever acts for somebody else may not do this.' });
  return userId;
}

/** The entry's actor for the audit log. */
export const auditActor = ({ principal, impersonatorId }: Actor): Principal & { impersonatorId: string | null } => ({ ...principal, impersonatorId });
