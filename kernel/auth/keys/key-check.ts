import { hash, timingSafeEqual } from 'node:crypto';
import { Forbidden, Unauthorized } from '@proofpix/sdk';
import { boundedMap } from '../bounded-map.ts';
import type { Credentials, Identity } from '../contract.ts';
import type { Identities } from '../identities.ts';
import { parseKey } from './key-format.ts';
import type { KeyRecord, KeyRecords } from './key-records.ts';
import { verifySignature } from './request-signing.ts';

/**
 * From an API key to the identity behind it. What is mistyped, or of another environment, is refused without
 * asking the database.
 *
 * @throws UNAUTHORIZED for anything but a key in force, signed where it must be; FORBIDDEN from an address that the key is not for
 */
export type KeyCheck = (apiKey: string, from: Pick<Credentials, 'address' | 'request'>) => Promise<Identity>;

export const digestOfSecret = (secret: string): Buffer => hash('sha256', secret, 'buffer');

const notValid = () => Unauthorized({ message: 'The API key is not valid.' });

/** Which of a key's secrets was given. */
function matching(record: KeyRecord, secret: string): 'current' | 'previous' | null {
  const given = digestOfSecret(secret);
  if (timingSafeEqual(record.hash, given)) return 'current';
  const { previous } = record;
  return previous !== null && previous.untilMs > Date.now() && timingSafeEqual(previous.hash, given) ? 'previous' : null;
}

interface Checked {
  keyId: string;
  /** as it was then: once it is another object, all is looked at again */
  record: KeyRecord;
  which: 'current' | 'previous';
}

const maxChecked = 10_000;

export function keyCheck({ environment, records, identities }: { environment: string; records: KeyRecords; identities: Pick<Identities, 'ofApiKey' | 'peekApiKey'> }): KeyCheck {
  /**
   * By the key itself. Hashing it first costs a tenth of a request, and buys nothing against who reads this
   * process's memory: keys pass through it anyway. Looking one up tells no one how much of it was right,
   * since strings are compared only where their seeded hashes agree.
   */
  const checked = boundedMap<Checked>(maxChecked);

  async function check(apiKey: string): Promise<Checked> {
    const parsed = parseKey(apiKey);
    if (parsed === null) throw Unauthorized({ message: 'This is no API key: it was mistyped or not copied in full.' });
    if (parsed.environment !== environment) throw Unauthorized({ message: `This API key belongs to the environment ${parsed.environment}; this is ${environment}.` });
    const record = await records.get(parsed.keyId);
    const which = record === null ? null : matching(record, parsed.secret);
    if (record === null || which === null) throw notValid();
    return { keyId: parsed.keyId, record, which };
  }

  function known(apiKey: string): Checked | undefined {
    const found = checked.get(apiKey);
    if (found === undefined) return undefined;
    const isGood = records.peek(found.keyId) === found.record && (found.which === 'current' || (found.record.previous?.untilMs ?? 0) > Date.now());
    if (!isGood) checked.delete(apiKey);
    return isGood ? found : undefined;
  }

  return async (apiKey, { address, request }) => {
    let found = known(apiKey);
    if (found === undefined) {
      found = await check(apiKey);
      checked.set(apiKey, found);
    }
    const { keyId, record, which } = found;
    const identity = identities.peekApiKey(keyId) ?? (await identities.ofApiKey(keyId));
    if (identity === null) throw notValid();
    if (record.admits !== null && (address === undefined || !record.admits(address))) throw Forbidden({ message: 'This API key may not be used from this address.', details: { field: 'address', issue: 'is not among the addresses of the key' } });
    if (record.signing !== null) {
      const secret = record.signing[which];
      if (secret === null) throw notValid();
      verifySignature(secret, request, Date.now());
    }
    return identity;
  };
}

/** The key's identity, if it is in force and that user's in that tenant. */
export async function keyOf(identities: Pick<Identities, 'ofApiKey'>, keyId: string, userId: string, tenantId: string): Promise<Identity | null> {
  const identity = await identities.ofApiKey(keyId);
  return identity !== null && identity.principal.userId === userId && identity.tenantId === tenantId ? identity : null;
}
