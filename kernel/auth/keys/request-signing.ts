import { createHmac, timingSafeEqual } from 'node:crypto';
import { Unauthorized } from '@proofpix/sdk';
import type { SignedRequest } from '../contract.ts';

/** How far a signed request's clock may be from ours. */
export const signatureToleranceSeconds = 300;

/** What a signature proves beside the request line. */
export interface SignatureParts {
  /** seconds since 1970 */
  timestamp: number;
  nonce: string;
  /** SHA-256 of the body in base64 */
  digest: string;
  /** HMAC-SHA-256, in lower-case hex */
  signature: string;
}

const emptyDigest = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const noncePattern = /^[A-Za-z0-9_-]{16,128}$/;
const timestampPattern = /^[0-9]{9,11}$/;
const signaturePattern = /^[0-9a-f]{64}$/;
/** A member of the dictionary of RFC 9530, section 2; others stand beside it, by commas. */
const sha256Member = /(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \t]*(?=,|$)/g;

const refused = (header: string, issue: string) => Unauthorized({ message: `This API key signs its requests: ${header} ${issue}.`, details: { field: `headers.${header.toLowerCase()}`, issue } });

function single(request: SignedRequest, name: string, pattern: RegExp, form: string): string {
  const value = request.headers[name.toLowerCase()];
  if (value === undefined) throw refused(name, 'is missing');
  if (typeof value !== 'string' || !pattern.test(value)) throw refused(name, form);
  return value;
}

function digestOf(request: SignedRequest): string {
  const header = request.headers['content-digest'];
  // without the header the body counts as empty, and is held to that
  if (header === undefined) return emptyDigest;
  const found = typeof header === 'string' ? [...header.matchAll(sha256Member)] : [];
  const digest = found[0]?.[1];
  if (digest === undefined || found.length > 1) throw refused('Content-Digest', 'must have one member sha-256=:<base64>:');
  return digest;
}

/** @throws UNAUTHORIZED naming the header that is missing or malformed */
export function signatureParts(request: SignedRequest): SignatureParts {
  return {
    timestamp: Number(single(request, 'X-Signature-Timestamp', timestampPattern, 'must be seconds since 1970')),
    nonce: single(request, 'X-Signature-Nonce', noncePattern, 'must be 16 to 128 letters, digits, - or _'),
    digest: digestOf(request),
    signature: single(request, 'X-Signature', signaturePattern, 'must be 64 hex digits in lower case'),
  };
}

/** The text that is signed: a version, then one line each, without a line feed at the end. */
export function canonicalText(request: Pick<SignedRequest, 'method' | 'target'>, { digest, timestamp, nonce }: Omit<SignatureParts, 'signature'>): string {
  return ['PX-HMAC-SHA256-1', request.method, request.target, `sha-256=:${digest}:`, timestamp, nonce].join('\n');
}

/**
 * Whether the request was signed with the secret, lately. Neither the nonce nor the body is looked at.
 *
 * @throws UNAUTHORIZED
 */
export function verifySignature(secret: string, request: SignedRequest | undefined, nowMs: number): void {
  if (request === undefined) throw Unauthorized({ message: 'This API key signs its requests, and this way in has none to sign.' });
  const parts = signatureParts(request);
  if (Math.abs(nowMs / 1000 - parts.timestamp) > signatureToleranceSeconds) throw refused('X-Signature-Timestamp', `is more than ${signatureToleranceSeconds} seconds from now`);
  const expected = createHmac('sha256', secret).update(canonicalText(request, parts)).digest();
  if (!timingSafeEqual(expected, Buffer.from(parts.signature, 'hex'))) throw refused('X-Signature', 'does not fit the request');
}
