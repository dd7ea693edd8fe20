import { isError, Unavailable } from '@proofpix/sdk';
import type { IntelligenceContext } from '../../kit.ts';
import { pause } from '../entities/in-slices.ts';

const keyName = 'redaction-key';
const makerName = 'redaction-key-maker';
const context = 'redaction-key';
const keyBytes = 32;
const makerTtlSeconds = 10;
const mostTries = 200;

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * The tenant's key for pseudonyms: made once, kept sealed, so that the same value has the same hash in every document
 * and nobody outside can try values against it.
 *
 * @throws UNAVAILABLE: another call is making it and does not come to an end
 */
export async function redactionKey(ctx: IntelligenceContext): Promise<string> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const sealed = await ctx.kv.get<string>(keyName);
    if (sealed !== null) {
      try {
        return await ctx.vault.open(sealed, context);
      } catch (error) {
        if (isError(error, 'SEAL_INVALID')) throw Unavailable({ message: 'The key for hashes cannot be read.', cause: error });
        throw error;
      }
    }
    // of several at once one makes it; whoever breaks off in the middle is replaced after a while
    if ((await ctx.kv.increment(makerName, 1, { ttlSeconds: makerTtlSeconds })) === 1) {
      // somebody may have made it between the look and the turn
      if ((await ctx.kv.get(keyName)) === null) await ctx.kv.set(keyName, await ctx.vault.seal(hex(ctx.random.bytes(keyBytes)), context));
    } else await pause();
  }
  throw Unavailable({ message: 'The key for hashes is not ready yet.' });
}
