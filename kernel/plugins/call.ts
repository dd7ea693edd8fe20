import type { Json, Principal } from '@proofpix/sdk';
import type { AuditEntry, Identity } from '../auth/contract.ts';
import type { PluginTransaction } from '../database/index.ts';
import type { Provenance } from '../events/contract.ts';
import type { Grants } from './capabilities.ts';
import type { PluginVersion } from './installed-plugin.ts';

/** A plugin's open transaction, by the id that the handler names it with, and the audit entries that wait for its end. */
export type OpenTransaction = PluginTransaction & { readonly id: string; readonly audits: AuditEntry[] };

/** A stream between a handler and the host; one side of it is the handler's. */
export interface CallStream {
  pull?(): Promise<Uint8Array | null>;
  push?(chunk: Uint8Array): Promise<void>;
  finish?(): Promise<Json>;
  close(): Promise<void>;
}

/** One call of one handler: who, for whom, with what authority, until when. Made by the kernel, never by a plugin. */
export interface PluginCall {
  id: string;
  version: PluginVersion;
  /** Null on a public route that found no tenant: everything that is stored refuses. */
  tenantId: string | null;
  principal: Principal;
  /** The principal's identity as it is now; null for the system and the public. */
  identity: Identity | null;
  provenance: Provenance;
  grants: Grants;
  /** Milliseconds since the epoch. */
  deadline: number;
  signal: AbortSignal;
  requestId: string | null;
  /** The client's address, for kernel services; plugins do not see it. Null for work that no request waits for. */
  address: string | null;
  /** Set while a job runs. */
  jobId: string | null;
  /** The open transaction; at most one. */
  transaction: OpenTransaction | null;
  streams: Map<number, CallStream>;
  nextStream: number;
  /** Used up so far, against the limits of a call. */
  spent: { hostCalls: number; bytes: number };
}
