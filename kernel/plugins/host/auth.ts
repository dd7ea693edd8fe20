import type { JsonObject } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { Auth } from '../../auth/contract.ts';
import type { LinkSigner } from '../links.ts';
import { hostCall, ownerOf, tenantOf } from './host-call.ts';

/** `ctx.auth` and `ctx.links`. */
export function authCalls({ auth, links }: { auth: Auth; links: LinkSigner }) {
  return {
    'auth.can': hostCall(Type.Tuple([Type.String({ minLength: 3, maxLength: 120 }), Type.Object({ ownerId: Type.Optional(Type.String({ maxLength: 64 })) })]), null, async (call, [permission, resource]) => {
      // Work of the system is the plugin's own: its capabilities bound it, not a person's role.
      if (call.principal.kind === 'system') return true;
      return call.identity === null ? false : auth.can(call.identity, permission, resource as { ownerId?: string });
    }),
    'auth.audit': hostCall(Type.Tuple([Type.Object({ action: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,79}$' }), target: Type.Optional(Type.String({ maxLength: 200 })), details: Type.Optional(Type.Record(Type.String(), Type.Unknown())) })]), null, async (call, [entry]) => {
      await auth.audit({
        tenantId: tenantOf(call),
        actor: { ...call.principal, impersonatorId: call.identity?.impersonatorId ?? call.provenance.impersonatorId ?? null },
        action: `${call.version.manifest.id}.${entry.action}`,
        target: entry.target ?? null,
        details: (entry.details ?? {}) as JsonObject,
        requestId: call.requestId,
      });
    }),
    'links.sign': hostCall(Type.Tuple([Type.Object({ purpose: Type.String({ pattern: '^[a-z][a-z0-9-]{0,49}$' }), id: Type.String({ minLength: 1, maxLength: 200 }), expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })) })]), null, async (call, [link]) =>
      links.sign({ ...ownerOf(call), ...link, expiresInSeconds: link.expiresInSeconds ?? null }),
    ),
  };
}
