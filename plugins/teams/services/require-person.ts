import { Forbidden } from '@proofpix/sdk';
import type { TeamsContext } from '../kit.ts';

/**
 * A key acts in one team. What concerns its user beyond that, such as in which teams they are, is theirs alone.
 *
 * @returns the user's id
 * @throws FORBIDDEN for anything but a signed-in user
 */
export function requirePerson(ctx: TeamsContext): string {
  const { kind, userId } = ctx.auth.principal;
  if (kind !== 'user' || userId === null) throw Forbidden({ message: 'Sign in to do this; an API key acts in its own team only.' });
  return userId;
}
