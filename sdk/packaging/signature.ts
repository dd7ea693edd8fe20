import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Package } from './read-package.ts';
import { contentDigest } from './digest.ts';
import { type Entries, signatureEntry } from './entries.ts';
import { SignatureMalformed } from './errors.ts';
import { keyIdOf } from './keys.ts';

const closed = { additionalProperties: false };

/** `signature.json`. Everything but `signature` itself is signed, so nobody can redate or rename it. */
export const PackageSignature = Type.Object(
  {
    format: Type.Literal(1),
    algorithm: Type.Literal('ed25519'),
    keyId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    publisher: Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}$' }),
    /** `contentDigest` of the package. */
    digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** RFC 3339, UTC, as the signer's clock had it. */
    signedAt: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$' }),
    /** Base64 of the 64 bytes. */
    signature: Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' }),
  },
  closed,
);
export type PackageSignature = Static<typeof PackageSignature>;

const compileSignature = () => Compile(PackageSignature);
let signatureSchema: ReturnType<typeof compileSignature> | null = null;

/** The signed bytes: a line that says what this is, then each field on a line of its own in a fixed order. */
function signedBytes(signature: Omit<PackageSignature, 'signature'>): Buffer {
  const { format, algorithm, keyId, publisher, digest, signedAt } = signature;
  return Buffer.from(['proofpix package signature', format, algorithm, keyId, publisher, digest, signedAt, ''].join('\n'));
}

/** Signs a package's content; returns `signature.json`. Unsigned and already signed packages are signed alike. */
export function signEntries(entries: Entries, signer: { privateKey: KeyObject; publisher: string; signedAt: Date }): Buffer {
  const unsigned = {
    format: 1,
    algorithm: 'ed25519',
    keyId: keyIdOf(createPublicKey(signer.privateKey)),
    publisher: signer.publisher,
    digest: contentDigest(entries),
    signedAt: signer.signedAt.toISOString(),
  } as const;
  const signature = sign(null, signedBytes(unsigned), signer.privateKey).toString('base64');
  return Buffer.from(`${JSON.stringify({ ...unsigned, signature }, null, 2)}\n`);
}

/**
 * The signature a package carries, or null.
 *
 * @throws SIGNATURE_MALFORMED.
 */
export function signatureOf(pkg: Package): PackageSignature | null {
  const content = pkg.entries[signatureEntry];
  if (content === undefined) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(content).toString());
  } catch (cause) {
    throw SignatureMalformed({ cause });
  }
  signatureSchema ??= compileSignature();
  if (!signatureSchema.Check(parsed) || Number.isNaN(Date.parse(parsed.signedAt))) throw SignatureMalformed();
  return parsed;
}

/** Whether the key made this signature; says nothing about the package it lies in. */
export function isSignedBy(signature: PackageSignature, publicKey: KeyObject): boolean {
  return verify(null, signedBytes(signature), publicKey, Buffer.from(signature.signature, 'base64'));
}
