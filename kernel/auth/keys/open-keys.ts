import { type ApiKeys, apiKeys } from './api-keys.ts';
import type { Database } from '../../database/index.ts';
import type { Vault } from '../../storage/contract.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth, KeyRequests } from '../contract.ts';
import type { Identities } from '../identities.ts';
import { type KeyCheck, keyCheck } from './key-check.ts';
import { environmentPattern } from './key-format.ts';
import { keyRecords } from './key-records.ts';
import { keyUsage } from './key-usage.ts';
import { nonces } from './nonces.ts';

export interface OpenKeysOptions {
  database: Database;
  vault: Vault;
  changes: AuthChanges;
  identities: Pick<Identities, 'ofApiKey' | 'peekApiKey'>;
  audit: Auth['audit'];
  can: Auth['can'];
  /** 2 to 12 lower-case letters */
  environment: string;
  usageFlushMs?: number | undefined;
  log: { warn(fields: object, message: string): void };
}

/** Everything about API keys. `close` writes what was counted. */
export interface OpenKeys {
  manage: ApiKeys;
  check: KeyCheck;
  requests: KeyRequests;
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error for an environment that cannot stand in a key */
export function openKeys({ database, vault, changes, identities, audit, can, environment, usageFlushMs, log }: OpenKeysOptions): OpenKeys {
  if (!new RegExp(environmentPattern).test(environment)) throw new Error('API_KEY_ENVIRONMENT must be 2 to 12 lower-case letters');
  const usage = keyUsage({ database, log, ...(usageFlushMs === undefined ? {} : { flushMs: usageFlushMs }) });
  const once = nonces({ database });
  return {
    manage: apiKeys({ database, vault, changes, audit, can, usage, environment }),
    check: keyCheck({ environment, records: keyRecords({ database, vault, changes }), identities }),
    requests: { spendNonce: once.spend, count: usage.count },
    async sweep() {
      await once.sweep();
      await usage.sweep();
    },
    close: usage.close,
  };
}
