import { type Json, ValidationError } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement, statementCount } from '../database/statement.ts';
import type { KeyValueStore, Owner } from './contract.ts';

const maxKeyLength = 256;
const maxValueBytes = 64 * 1024;
const maxTtlSeconds = 10 * 365 * 86_400;
const sweepRows = 1000;
const maxSweepBatches = 1000;

const invalid = (field: string, issue: string) => ValidationError({ message: `${field} ${issue}.`, details: { field, issue } });

function requireKey(key: string): void {
  if (typeof key !== 'string' || key.length === 0 || key.length > maxKeyLength) throw invalid('key', `must have 1 to ${maxKeyLength} characters`);
  // PostgreSQL cannot keep NUL, and two lone surrogates would become one key
  if (key.includes('\0') || !key.isWellFormed()) throw invalid('key', 'must be well-formed text without NUL');
}

function requireTtl(ttlSeconds: number | null): void {
  if (ttlSeconds !== null && !(ttlSeconds > 0 && ttlSeconds <= maxTtlSeconds)) throw invalid('ttlSeconds', `must be above 0 and at most ${maxTtlSeconds}`);
}

function toText(value: Json): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw invalid('value', 'must be JSON');
  if (Buffer.byteLength(text) > maxValueBytes) throw invalid('value', `must be at most ${maxValueBytes} bytes as JSON`);
  return text;
}

const live = '(expires_at is null or expires_at > now())';
const ttl = (parameter: string): string => `now() + ${parameter}::double precision * interval '1 second'`;

/** Key-value entries in PostgreSQL. An expired entry counts as absent at once; {@link sweep} removes it later. */
export interface KeyValueTable extends KeyValueStore {
  /** Removes expired entries of all tenants; safe on several nodes at once. Returns how many. */
  sweep(): Promise<number>;
}

const scope = ({ tenantId, pluginId }: Owner): unknown[] => [tenantId, pluginId];

/** @throws VALIDATION_ERROR from every call for a bad key, value, amount or time to live */
export function openKeyValue({ database }: { database: Database }): KeyValueTable {
  const own = 'tenant_id = $1 and plugin_id = $2';

  return {
    async get(owner, key) {
      requireKey(key);
      const [row] = await database.tenant(owner.tenantId, (em) =>
        statement<{ value: string }>(em, `select value::text as value from kernel.key_values where ${own} and key = $3 and ${live}`, [...scope(owner), key]));
      return row === undefined ? null : (JSON.parse(row.value) as Json);
    },
    async set(owner, key, value, ttlSeconds) {
      requireKey(key);
      requireTtl(ttlSeconds);
      const text = toText(value);
      await database.tenant(owner.tenantId, (em) =>
        statement(
          em,
          `insert into kernel.key_values (tenant_id, plugin_id, key, value, expires_at) values ($1, $2, $3, $4::json, ${ttl('$5')})
           on conflict (tenant_id, plugin_id, key) do update set value = excluded.value, expires_at = excluded.expires_at`,
          [...scope(owner), key, text, ttlSeconds],
        ));
    },
    async delete(owner, key) {
      requireKey(key);
      const [row] = await database.tenant(owner.tenantId, (em) =>
        statement<{ lived: boolean }>(em, `delete from kernel.key_values where ${own} and key = $3 returning ${live} as lived`, [...scope(owner), key]));
      return row?.lived ?? false;
    },
    async increment(owner, key, by, ttlSeconds) {
      requireKey(key);
      requireTtl(ttlSeconds);
      if (!Number.isFinite(by)) throw invalid('by', 'must be a finite number');
      return database.tenant(owner.tenantId, async (em) => {
        // numeric, not double precision: counters beyond 2^53 would otherwise stop counting without a word
        const [row] = await statement<{ value: string }>(
          em,
          `insert into kernel.key_values as kv (tenant_id, plugin_id, key, value, expires_at) values ($1, $2, $3, $4::text::json, ${ttl('$5')})
           on conflict (tenant_id, plugin_id, key) do update set
             value = case when kv.expires_at <= now() then excluded.value
                          when json_typeof(kv.value) = 'number' then (kv.value::text::numeric + $4::text::numeric)::text::json
                          else kv.value end,
             expires_at = case when kv.expires_at <= now() then excluded.expires_at else kv.expires_at end
           returning value::text as value`,
          [...scope(owner), key, String(by), ttlSeconds],
        );
        const sum: unknown = row === undefined ? null : JSON.parse(row.value);
        // thrown inside the transaction, so nothing is written
        if (typeof sum !== 'number') throw invalid('key', 'holds a value that is not a number');
        if (!Number.isFinite(sum)) throw invalid('by', 'makes the sum too large');
        return sum;
      });
    },
    async count(owner) {
      const [row] = await database.tenant(owner.tenantId, (em) =>
        statement<{ entries: number }>(em, `select count(*)::int as entries from kernel.key_values where ${own} and ${live}`, scope(owner)));
      return row?.entries ?? 0;
    },
    async purge(owner) {
      await database.tenant(owner.tenantId, (em) => statement(em, `delete from kernel.key_values where ${own}`, scope(owner)));
    },
    async sweep() {
      let removed = 0;
      for (let batch = 0; batch < maxSweepBatches; batch += 1) {
        const rows = await database.system((em) =>
          statementCount(em, `delete from kernel.key_values where ctid = any (array(select ctid from kernel.key_values where expires_at <= now() limit ${sweepRows} for update skip locked))`));
        removed += rows;
        if (rows < sweepRows) break;
      }
      return removed;
    },
  };
}
