import type { JsonObject } from '@proofpix/sdk';
import { Type } from 'typebox';
import { requireAuditEntry } from '../../auth/audit.ts';
import type { AuditEntry, Auth } from '../../auth/contract.ts';
import type { LinkSigner } from '../links.ts';
import { transactionOf } from './db.ts';
import { hostCall, ownerOf, tenantOf } from './host-call.ts';

const Entry = Type.Object({ action: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,79}$' }), target: Type.Optional(Type.String({ maxLength: 200 })), details: Type.Optional(Type.Record(Type.String(), Type.Unknown())) });
/** Packages made before transactions had entries send none. */
const AuditArguments = Type.Union([Type.Tuple([Entry]), Type.Tuple([Entry, Type.Union([Type.String(), Type.Null()])])]);

/** `ctx.auth` and `ctx.links`. */
export function authCalls({ auth, links }: { auth: Auth; links: LinkSigner }) {
  return {
    'auth.can': hostCall(Type.Tuple([Type.String({ minLength: 3, maxLength: 120 }), Type.Object({ ownerId: Type.Optional(Type.String({ maxLength: 64 })) })]), null, async (call, [permission, resource]) => {
      // Work of the system is the plugin's own: its capabilities bound it, not a person's role.
      if (call.principal.kind === 'system') return true;
      return call.identity === null ? false : auth.can(call.identity, permission, resource as { ownerId?: string });
    }),
    'auth.audit': hostCall(AuditArguments, null, async (call, [entry, tx = null]) => {
      const made: AuditEntry = {
        tenantId: tenantOf(call),
        actor: { ...call.principal, impersonatorId: call.identity?.impersonatorId ?? call.provenance.impersonatorId ?? null },
        action: `${call.version.manifest.id}.${entry.action}`,
        target: entry.target ?? null,
        details: (entry.details ?? {}) as JsonObject,
        requestId: call.requestId,
      };
      if (tx === null) return auth.audit(made);
      requireAuditEntry(made);
      transactionOf(call, tx).audits.push(made);
    }),
    'links.sign': hostCall(Type.Tuple([Type.Object({ purpose: Type.String({ pattern: '^[a-z][a-z0-9-]{0,49}$' }), id: Type.String({ minLength: 1, maxLength: 200 }), expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })) })]), null, async (call, [link]) =>
      links.sign({ ...ownerOf(call), ...link, expiresInSeconds: link.expiresInSeconds ?? null }),
    ),
  };
}
