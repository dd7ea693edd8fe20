import { Conflict, DeadlineExceeded, Forbidden, InternalError, InvalidResult, NotFound, PayloadTooLarge, type PluginError, QuotaExceeded, RateLimitExceeded, toWireError, Unavailable, ValidationError } from '../errors.ts';
import type { HostCallName } from './port.ts';

/**
 * What a confined call may ask of the host: reading what its plugin has, reading the file it was given, and calling on.
 * Everything else is refused, so that a new host call is refused until somebody has thought about it. `sql.query` is
 * missing because a query can write; `secrets.get` hands out nothing that the plugin does not have anyway, and the vault keeps nothing of what it seals.
 */
export const confinedHostCalls: ReadonlySet<HostCallName> = new Set<HostCallName>([
  'db.find', 'db.findOne', 'db.get', 'db.count', 'db.aggregate',
  'kv.get',
  'files.open', 'files.stat', 'stream.close',
  'hooks.run', 'services.call', 'services.callConfined',
  'secrets.has', 'secrets.get', 'vault.seal', 'vault.open', 'vault.hashPassword', 'vault.verifyPassword',
  'auth.can',
]);

/** FORBIDDEN for what a confined call may not do; `details.capability` is the host call’s name. */
export function confinedRefusal(name: string): PluginError {
  return Forbidden({ message: `This call is confined: it cannot use ${name}.`, details: { capability: name, confined: true } });
}

const platformCodes: ReadonlySet<string> = new Set([...[Conflict, DeadlineExceeded, Forbidden, InternalError, InvalidResult, NotFound, PayloadTooLarge, QuotaExceeded, RateLimitExceeded, Unavailable, ValidationError].map(({ code }) => code), 'BUDGET_EXCEEDED', 'PLUGIN_QUARANTINED']);

/** What may be recorded of an error that a confined call ended with: its code if it is one of the platform's, for any other could spell out content. */
export function platformCode(error: unknown): string {
  const { code } = toWireError(error);
  return platformCodes.has(code) ? code : 'OTHER';
}
