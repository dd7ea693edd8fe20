import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject, decodeClientDataJSON, isoBase64URL } from '@simplewebauthn/server/helpers';
import type { RelyingParty } from './relying-party.ts';

export { generateAuthenticationOptions, generateRegistrationOptions } from '@simplewebauthn/server';

/** What an authenticator made, as browsers send it; everything binary in base64url. */
export interface GivenAttestation {
  id: string;
  response: { clientDataJSON: string; attestationObject: string; transports?: string[] | undefined };
}

export interface GivenAssertion {
  id: string;
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string | null | undefined };
}

export interface NewPasskey {
  id: string;
  publicKey: Uint8Array;
  counter: number;
  transports: string[];
  backedUp: boolean;
}

/** EdDSA, ES256 and RS256 by their COSE numbers: what authenticators have. */
export const algorithms: readonly number[] = [-8, -7, -257];
const knownTransports: ReadonlySet<string> = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

/** The challenge that a response claims to answer; null for what is no client data. */
export function challengeOf(clientDataJSON: string): string | null {
  try {
    const { challenge } = decodeClientDataJSON(clientDataJSON);
    return typeof challenge === 'string' && challenge.length <= 100 ? challenge : null;
  } catch {
    return null;
  }
}

/** A page within another page may be a trap to click on. */
const isFramed = (clientDataJSON: string): boolean => decodeClientDataJSON(clientDataJSON).crossOrigin === true;

/**
 * No statement of the maker, or one that the key made about itself: none was asked for, and checking a chain of
 * certificates would fetch what the sender names.
 */
function hasNoChain(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  return decoded.get('fmt') === 'none' || (decoded.get('fmt') === 'packed' && decoded.get('attStmt').get('x5c') === undefined);
}

const bytes = (data: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(data);

/**
 * Whether a registration is sound (WebAuthn level 3, section 7.1): made by the user, verified, for this challenge,
 * origin and domain. Null when it is not, whatever the reason.
 */
export async function verifyAttestation(party: RelyingParty, challenge: string, { id, response }: GivenAttestation): Promise<NewPasskey | null> {
  try {
    if (isFramed(response.clientDataJSON) || !hasNoChain(response.attestationObject)) return null;
    const transports = (response.transports ?? []).filter((transport) => knownTransports.has(transport));
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject } },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...algorithms],
    });
    if (!verified || registrationInfo.credential.id !== id) return null;
    const { credential, credentialBackedUp } = registrationInfo;
    return { id, publicKey: credential.publicKey, counter: credential.counter, transports: [...new Set(transports)], backedUp: credentialBackedUp };
  } catch {
    return null;
  }
}

/**
 * Whether an assertion is sound (WebAuthn level 3, section 7.2) but for its counter, which is compared where it is
 * stored. Null when it is not, whatever the reason.
 */
export async function verifyAssertion(party: RelyingParty, challenge: string, { id, response }: GivenAssertion, publicKey: Uint8Array): Promise<{ counter: number; backedUp: boolean } | null> {
  try {
    if (isFramed(response.clientDataJSON)) return null;
    const { clientDataJSON, authenticatorData, signature } = response;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON, authenticatorData, signature } },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      // the library compares counters before the signature; nobody but the key itself may say that it was copied
      credential: { id, publicKey: bytes(publicKey), counter: 0 },
      requireUserVerification: true,
    });
    return verified ? { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp } : null;
  } catch {
    return null;
  }
}
