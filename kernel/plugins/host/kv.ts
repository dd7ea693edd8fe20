import type { Json } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { KeyValueStore } from '../../storage/contract.ts';
import type { Quotas } from '../quotas.ts';
import { hostCall, ownerOf } from './host-call.ts';

const Key = Type.String({ minLength: 1, maxLength: 256 });
const Options = Type.Object({ ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })) });

/** `ctx.kv`. */
export function kvCalls({ kv, quotas }: { kv: KeyValueStore; quotas: Quotas }) {
  return {
    'kv.get': hostCall(Type.Tuple([Key]), null, (call, [key]) => kv.get(ownerOf(call), key)),
    'kv.set': hostCall(Type.Tuple([Key, Type.Unknown(), Options]), null, async (call, [key, value, { ttlSeconds }]) => {
      const owner = ownerOf(call);
      await quotas.require(owner, call.version.limits, 'kvEntries', 1, () => kv.count(owner));
      await kv.set(owner, key, value as Json, ttlSeconds ?? null);
      quotas.add(owner, 'kvEntries', 1);
    }),
    'kv.delete': hostCall(Type.Tuple([Key]), null, (call, [key]) => kv.delete(ownerOf(call), key)),
    'kv.increment': hostCall(Type.Tuple([Key, Type.Number(), Options]), null, async (call, [key, by, { ttlSeconds }]) => {
      const owner = ownerOf(call);
      await quotas.require(owner, call.version.limits, 'kvEntries', 1, () => kv.count(owner));
      return kv.increment(owner, key, by, ttlSeconds ?? null);
    }),
  };
}
