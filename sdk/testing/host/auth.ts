import { ValidationError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Manifest } from '../../manifest.ts';
import type { Identity } from '../options.ts';
import type { HarnessCall, HarnessState } from '../state.ts';
import { transactionOf } from './db.ts';

/** Whether somebody has a permission: by their role in this plugin's manifest, or because the test says so. */
export function hasPermission(manifest: Manifest, identity: Identity, permission: string): boolean {
  if (identity.permissions?.includes(permission) === true) return true;
  const [plugin, action = ''] = permission.split(':');
  if (plugin !== manifest.id || !Object.hasOwn(manifest.permissions, action)) return false;
  const role = identity.role === undefined ? 'owner' : identity.role;
  return role !== null && identity.userId !== null && manifest.permissions[action]?.roles.includes(role) === true;
}

/** A link token; a real one is unguessable, this one is readable. */
export function linkToken(tenantId: string, purpose: string, id: string, expiresMs: number | null): string {
  return `link.${Buffer.from(JSON.stringify([tenantId, purpose, id, expiresMs])).toString('base64url')}`;
}

/** What a token says, or null when it is none, of another purpose, or expired. */
export function readLink(token: string, purpose: string, nowMs: number): { tenantId: string; purpose: string; id: string } | null {
  if (!token.startsWith('link.')) return null;
  try {
    const [tenantId, made, id, expiresMs] = JSON.parse(Buffer.from(token.slice(5), 'base64url').toString()) as [string, string, string, number | null];
    return made === purpose && (expiresMs === null || expiresMs > nowMs) ? { tenantId, purpose, id } : null;
  } catch {
    return null;
  }
}

/** `ctx.auth` and `ctx.links`. */
export function authCalls(state: HarnessState) {
  const { manifest } = state.plugin;
  return {
    // Work of the system is the plugin's own: its capabilities bound it, not a person's role.
    'auth.can': (call: HarnessCall, [permission]: readonly Json[]) => call.principal.kind === 'system' || hasPermission(manifest, call.identity, permission as string),
    'auth.audit': (call: HarnessCall, [entry, tx = null]: readonly Json[]) => {
      const { action, target, details } = entry as { action: string; target?: string; details?: JsonObject };
      if (!/^[a-z][a-z0-9.-]{0,79}$/.test(action)) throw ValidationError({ message: 'action: is lower case with dots and dashes', details: { field: 'action', issue: 'is lower case with dots and dashes' } });
      const made = { tenantId: call.tenantId, principal: call.principal, action: `${manifest.id}.${action}`, target: target ?? null, details: details ?? {} };
      if (tx === null) state.audited.push(made);
      else transactionOf(call, tx).onCommit(() => void state.audited.push(made));
    },
    'links.sign': (call: HarnessCall, [link]: readonly Json[]) => {
      const { purpose, id, expiresInSeconds } = link as { purpose: string; id: string; expiresInSeconds?: number };
      return linkToken(call.tenantId, purpose, id, expiresInSeconds === undefined ? null : state.clock.now() + expiresInSeconds * 1000);
    },
  };
}
