import type { HostCallName } from '@proofpix/sdk/runtime';
import { authCalls } from './auth.ts';
import { dbCalls, type DbDeps } from './db.ts';
import { eventCalls, type EventDeps } from './events.ts';
import { fetchCalls } from './fetch.ts';
import { fileCalls } from './files.ts';
import type { HostCall, HostTable } from './host-call.ts';
import { jobCalls, type JobDeps } from './jobs.ts';
import { kvCalls } from './kv.ts';
import { scratchCalls, type ScratchDeps } from './scratch.ts';
import { secretCalls } from './secrets.ts';
import { serviceCalls, type ServiceDeps } from './services.ts';
import { streamCalls } from './streams.ts';
import { vaultCalls } from './vault.ts';

export type HostDeps = DbDeps & EventDeps & JobDeps & ScratchDeps & ServiceDeps & Parameters<typeof authCalls>[0] & Parameters<typeof fetchCalls>[0] & Parameters<typeof fileCalls>[0] & Parameters<typeof kvCalls>[0] & Parameters<typeof secretCalls>[0] & Parameters<typeof vaultCalls>[0];

/** Everything a handler may ask for. The type makes sure that no name of the wire is missing. */
export function hostTable(deps: HostDeps): HostTable {
  const table: Record<HostCallName, HostCall> = {
    ...authCalls(deps),
    ...dbCalls(deps),
    ...eventCalls(deps),
    ...fetchCalls(deps),
    ...fileCalls(deps),
    ...jobCalls(deps),
    ...kvCalls(deps),
    ...scratchCalls(deps),
    ...secretCalls(deps),
    ...serviceCalls(deps),
    ...streamCalls,
    ...vaultCalls(deps),
  };
  return table;
}
