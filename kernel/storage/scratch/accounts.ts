import { QuotaExceeded, Unavailable } from '@proofpix/sdk';

export interface ScratchLimits {
  /** default 200 */
  sessionsPerTenant: number;
  /** default 2,000 */
  sessionsPerNode: number;
  /** of ciphertext, default 1 GiB */
  bytesPerTenant: number;
  /** of ciphertext, default 4 GiB */
  bytesPerNode: number;
}

export const defaultLimits: ScratchLimits = { sessionsPerTenant: 200, sessionsPerNode: 2_000, bytesPerTenant: 1_073_741_824, bytesPerNode: 4_294_967_296 };

/** Who has how much on this node. */
export interface Accounts {
  /** @throws QUOTA_EXCEEDED (`scratchSessions`) for the tenant, UNAVAILABLE for the node */
  begin(tenantId: string): void;
  /** Asked before bytes are written. @throws QUOTA_EXCEEDED (`scratchBytes`) for the tenant, UNAVAILABLE for the node */
  reserve(tenantId: string, bytes: number): void;
  end(tenantId: string, bytes: number): void;
}

const full = () => Unavailable({ message: 'There is no room for more ephemeral content right now.', retryAfterSeconds: 60 });

export function openAccounts(limits: ScratchLimits): Accounts {
  const tenants = new Map<string, { sessions: number; bytes: number }>();
  const node = { sessions: 0, bytes: 0 };

  function add(tenantId: string, sessions: number, bytes: number): void {
    const account = tenants.get(tenantId) ?? { sessions: 0, bytes: 0 };
    for (const one of [account, node]) {
      one.sessions += sessions;
      one.bytes += bytes;
    }
    if (account.sessions === 0) tenants.delete(tenantId);
    else tenants.set(tenantId, account);
  }

  return {
    begin(tenantId) {
      if ((tenants.get(tenantId)?.sessions ?? 0) >= limits.sessionsPerTenant) throw QuotaExceeded({ details: { quota: 'scratchSessions', limit: limits.sessionsPerTenant } });
      if (node.sessions >= limits.sessionsPerNode) throw full();
      add(tenantId, 1, 0);
    },
    reserve(tenantId, bytes) {
      if ((tenants.get(tenantId)?.bytes ?? 0) + bytes > limits.bytesPerTenant) throw QuotaExceeded({ details: { quota: 'scratchBytes', limit: limits.bytesPerTenant } });
      if (node.bytes + bytes > limits.bytesPerNode) throw full();
      add(tenantId, 0, bytes);
    },
    end: (tenantId, bytes) => add(tenantId, -1, -bytes),
  };
}
