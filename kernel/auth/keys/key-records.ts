import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import { createAddressList } from '../../http/address-list.ts';
import type { Vault } from '../../storage/contract.ts';
import { boundedMap } from '../bounded-map.ts';
import type { AuthChanges } from '../changes.ts';

/** What a key is held against. Whether it still counts is the identity's matter. */
export interface KeyRecord {
  /** SHA-256 of the secret */
  hash: Buffer;
  /** the secret before the last rotation */
  previous: { hash: Buffer; untilMs: number } | null;
  /** Null for a key that is good from anywhere. */
  admits: ((address: string) => boolean) | null;
  signing: SigningSecrets | null;
}

/** HMAC secrets that belong to the key's secret now and to the one before. */
export interface SigningSecrets {
  current: string;
  previous: string | null;
}

export interface KeyRecords {
  /** Null for an unknown or revoked key. */
  get(keyId: string): Promise<KeyRecord | null>;
  /** What is cached and not outdated; the same object as long as nothing changed. */
  peek(keyId: string): KeyRecord | undefined;
}

interface Row {
  hash: Buffer;
  previousHash: Buffer | null;
  previousMs: number | null;
  addresses: string[] | null;
  signingSealed: Buffer | null;
}

const maxCached = 10_000;
/** Clients of one key that need not be compared with its ranges again. */
const maxAdmitted = 100;
/** bounds what a lost signal could cost */
const longestMs = 30_000;

const contextOf = (keyId: string): string => `api key signing ${keyId}`;

export const sealSigning = async (vault: Vault, keyId: string, secrets: SigningSecrets): Promise<Buffer> => Buffer.from(await vault.seal(Buffer.from(JSON.stringify(secrets)), contextOf(keyId)));
export const openSigning = async (vault: Vault, keyId: string, sealed: Buffer): Promise<SigningSecrets> => JSON.parse(Buffer.from(await vault.open(sealed, contextOf(keyId))).toString('utf8')) as SigningSecrets;

function admission(ranges: readonly string[]): (address: string) => boolean {
  const list = createAddressList({ allow: ranges, deny: [] });
  const admitted = boundedMap<true>(maxAdmitted);
  return (address) => {
    if (admitted.get(address) === true) return true;
    if (!list.admits(address)) return false;
    admitted.set(address, true);
    return true;
  };
}

/** Keys as they are, cached per node until something about them changes. */
export function keyRecords({ database, vault, changes }: { database: Database; vault: Vault; changes: AuthChanges }): KeyRecords {
  const cache = boundedMap<KeyRecord & { validUntil: number }>(maxCached);
  /** counts changes: what was read before one must not be kept after it */
  let epoch = 0;

  changes.onChange(({ credentialId }) => {
    if (credentialId === undefined) return;
    epoch += 1;
    cache.delete(credentialId);
  });
  changes.onGap(() => {
    epoch += 1;
    cache.clear();
  });

  async function load(keyId: string): Promise<KeyRecord | null> {
    const [row] = await database.system((em) =>
      statement<Row>(
        em,
        `select hash, previous_hash as "previousHash", (extract(epoch from previous_until - now()) * 1000)::float8 as "previousMs", addresses, signing_sealed as "signingSealed"
         from kernel.api_keys where id = $1 and revoked_at is null`,
        [keyId],
      ));
    if (row === undefined) return null;
    return {
      hash: row.hash,
      previous: row.previousHash === null || row.previousMs === null ? null : { hash: row.previousHash, untilMs: Date.now() + row.previousMs },
      admits: row.addresses === null ? null : admission(row.addresses),
      signing: row.signingSealed === null ? null : await openSigning(vault, keyId, row.signingSealed),
    };
  }

  function peek(keyId: string): KeyRecord | undefined {
    const cached = cache.get(keyId);
    return cached !== undefined && cached.validUntil > Date.now() ? cached : undefined;
  }

  return {
    peek,
    async get(keyId) {
      const cached = peek(keyId);
      if (cached !== undefined) return cached;
      const before = epoch;
      const record = await load(keyId);
      if (record === null) return null;
      const kept = { ...record, validUntil: Date.now() + longestMs };
      if (epoch === before) cache.set(keyId, kept);
      return kept;
    },
  };
}
