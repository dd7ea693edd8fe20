import type { JsonObject } from '@proofpix/sdk';
import type { UsersContext } from '../kit.ts';

/** Events for a change of the kernel; nobody hears them where there is no team. */
export function beside(ctx: UsersContext, name: string, payload: JsonObject): { emit?: { name: string; payload: Record<string, unknown> }[] } {
  return ctx.auth.tenantId === '' ? {} : { emit: [{ name, payload }] };
}

/** The principal, where the route demands a user. */
export const selfOf = (ctx: UsersContext): string => ctx.auth.principal.userId ?? '';
