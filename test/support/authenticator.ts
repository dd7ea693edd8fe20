import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** What a client is told to answer. */
export interface Ceremony {
  challenge: string;
  /** for a registration */
  user?: { id: string };
}

/** Where an answer departs from an honest one. */
export interface Departures {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  userVerified?: boolean;
  userPresent?: boolean;
  counter?: number;
  userHandle?: string | null;
  /** one bit of the signature is turned */
  tampered?: boolean;
  /** an attestation format and statement instead of none */
  attestation?: { fmt: string; attStmt: Map<string, unknown> };
}

export interface Attestation {
  id: string;
  response: { clientDataJSON: string; attestationObject: string; transports: string[] };
}

export interface Assertion {
  id: string;
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle: string | null };
}

/** An authenticator in software, with one discoverable key (WebAuthn level 3, section 6; COSE keys of RFC 9053). */
export interface SoftwareAuthenticator {
  readonly id: string;
  /** what it says next; zero for one that does not count */
  counter: number;
  create(options: Ceremony, departures?: Departures): Attestation;
  get(options: Ceremony, departures?: Departures): Assertion;
}

export interface AuthenticatorOptions {
  origin: string;
  rpId: string;
  algorithm?: 'ES256' | 'EdDSA';
  /** default true */
  counts?: boolean;
}

const flag = { present: 0x01, verified: 0x04, attested: 0x40 };
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const bytes = (data: Uint8Array | string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(data as string, 'base64url'));

function uint(value: number, size: 2 | 4): Buffer {
  const buffer = Buffer.alloc(size);
  buffer.writeUIntBE(value, 0, size);
  return buffer;
}

function coseKey(key: KeyObject, algorithm: 'ES256' | 'EdDSA'): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  if (algorithm === 'ES256') return isoCBOR.encode(new Map<number, number | Uint8Array<ArrayBuffer>>([[1, 2], [3, -7], [-1, 1], [-2, bytes(x)], [-3, bytes(y)]]));
  return isoCBOR.encode(new Map<number, number | Uint8Array<ArrayBuffer>>([[1, 1], [3, -8], [-1, 6], [-2, bytes(x)]]));
}

export function softwareAuthenticator({ origin, rpId, algorithm = 'ES256', counts = true }: AuthenticatorOptions): SoftwareAuthenticator {
  const { publicKey, privateKey } = algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const credentialId = randomBytes(32);
  const id = credentialId.toString('base64url');
  let userHandle: string | null = null;

  const clientData = (type: string, options: Ceremony, departures: Departures): Buffer =>
    Buffer.from(JSON.stringify({ type: departures.type ?? type, challenge: departures.challenge ?? options.challenge, origin: departures.origin ?? origin, crossOrigin: departures.crossOrigin ?? false }));

  function authenticatorData(departures: Departures, attested: Uint8Array | null): Buffer {
    if (counts) made.counter += 1;
    const flags = (departures.userPresent === false ? 0 : flag.present) | (departures.userVerified === false ? 0 : flag.verified) | (attested === null ? 0 : flag.attested);
    return Buffer.concat([sha256(departures.rpId ?? rpId), Buffer.from([flags]), uint(departures.counter ?? made.counter, 4), attested ?? Buffer.alloc(0)]);
  }

  const made: SoftwareAuthenticator = {
    id,
    counter: 0,
    create(options, departures = {}) {
      userHandle = options.user?.id ?? null;
      const client = clientData('webauthn.create', options, departures);
      const authData = authenticatorData(departures, Buffer.concat([Buffer.alloc(16), uint(credentialId.length, 2), credentialId, coseKey(publicKey, algorithm)]));
      const { fmt, attStmt } = departures.attestation ?? { fmt: 'none', attStmt: new Map<string, unknown>() };
      const object = isoCBOR.encode(new Map<string, unknown>([['fmt', fmt], ['attStmt', attStmt], ['authData', new Uint8Array(authData)]]) as Parameters<typeof isoCBOR.encode>[0]);
      return { id, response: { clientDataJSON: client.toString('base64url'), attestationObject: Buffer.from(object).toString('base64url'), transports: ['internal', 'hybrid', 'telepathy'] } };
    },
    get(options, departures = {}) {
      const client = clientData('webauthn.get', options, departures);
      const authData = authenticatorData(departures, null);
      const signature = sign(algorithm === 'ES256' ? 'sha256' : null, Buffer.concat([authData, sha256(client)]), privateKey);
      const last = signature.length - 1;
      if (departures.tampered === true) signature[last] = (signature[last] ?? 0) ^ 1;
      const handle = departures.userHandle === undefined ? userHandle : departures.userHandle;
      return { id, response: { clientDataJSON: client.toString('base64url'), authenticatorData: authData.toString('base64url'), signature: signature.toString('base64url'), userHandle: handle } };
    },
  };
  return made;
}
