import { PayloadTooLarge, ValidationError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { HarnessCall, HarnessState } from '../state.ts';

const maxKeyLength = 256;
const maxValueBytes = 65_536;

function invalid(field: string, issue: string): never {
  throw ValidationError({ message: `${field}: ${issue}`, details: { field, issue } });
}

function entryKey(call: HarnessCall, key: Json | undefined): string {
  if (typeof key !== 'string' || key.length === 0 || key.length > maxKeyLength) return invalid('key', `must be a string of 1 to ${maxKeyLength} characters`);
  return `${call.tenantId} ${key}`;
}

/** `ctx.kv`. */
export function kvCalls({ kv, clock }: HarnessState) {
  const live = (key: string): { value: Json; expiresMs: number | null } | null => {
    const entry = kv.get(key);
    if (entry === undefined) return null;
    if (entry.expiresMs === null || entry.expiresMs > clock.now()) return entry;
    kv.delete(key);
    return null;
  };

  const expiry = (options: Json | undefined): number | null => {
    const { ttlSeconds } = (options ?? {}) as { ttlSeconds?: number };
    if (ttlSeconds === undefined) return null;
    if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1) return invalid('ttlSeconds', 'must be a positive integer');
    return clock.now() + ttlSeconds * 1000;
  };

  return {
    'kv.get': (call: HarnessCall, [key]: readonly Json[]) => live(entryKey(call, key))?.value ?? null,
    'kv.set': (call: HarnessCall, [key, value, options]: readonly Json[]) => {
      if (Buffer.byteLength(JSON.stringify(value ?? null)) > maxValueBytes) throw PayloadTooLarge({ message: 'A value has at most 64 KiB as JSON.' });
      kv.set(entryKey(call, key), { value: value ?? null, expiresMs: expiry(options) });
    },
    'kv.delete': (call: HarnessCall, [key]: readonly Json[]) => {
      const name = entryKey(call, key);
      return live(name) !== null && kv.delete(name);
    },
    'kv.increment': (call: HarnessCall, [key, by, options]: readonly Json[]) => {
      const name = entryKey(call, key);
      const before = live(name) ?? { value: 0, expiresMs: expiry(options) };
      if (typeof before.value !== 'number') return invalid('key', 'holds a value that is not a number');
      const value = before.value + (by as number);
      kv.set(name, { value, expiresMs: before.expiresMs });
      return value;
    },
  };
}
