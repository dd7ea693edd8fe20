import type { KeyObject } from 'node:crypto';
import type { Manifest } from '../manifest.ts';
import { parseManifest } from './check-manifest.ts';
import { KeyExpired, KeyRevoked, KeyUnknown, PublisherMismatch, SignatureMissing, SignatureOfAnother, SignatureWrong } from './errors.ts';
import type { Package } from './read-package.ts';
import { isSignedBy, type PackageSignature, signatureOf } from './signature.ts';

/** A publisher's key as a registry or an operator trusts it. */
export interface TrustedKey {
  keyId: string;
  publisher: string;
  publicKey: KeyObject;
  validFrom: Date;
  /** Null: until it is revoked. */
  validUntil: Date | null;
  /** A revoked key vouches for nothing, whenever it signed: who stole it can backdate. */
  revoked: boolean;
}

/** Where trusted keys are looked up. */
export interface TrustStore {
  find(keyId: string): TrustedKey | null | Promise<TrustedKey | null>;
}

/** A package whose content is what its publisher signed. */
export interface VerifiedPackage extends Package {
  readonly manifest: Manifest;
  readonly signature: PackageSignature;
}

/** How far a signer's clock may run ahead of ours. */
const clockSkewMs = 5 * 60_000;

/** Without a trusted timestamp `signedAt` is only a claim, so the key has to be valid now as well. */
function assertInForce(key: TrustedKey, signedAt: Date, now: Date): void {
  const details = { keyId: key.keyId, validFrom: key.validFrom.toISOString(), validUntil: key.validUntil?.toISOString() ?? null };
  for (const moment of [signedAt, now]) {
    if (moment.getTime() < key.validFrom.getTime() || (key.validUntil !== null && moment.getTime() > key.validUntil.getTime())) throw KeyExpired({ details });
  }
  if (signedAt.getTime() > now.getTime() + clockSkewMs) throw KeyExpired({ message: 'The signature is dated in the future.', details });
}

/**
 * Judges a package that was read: signed by a trusted key in force, over exactly this content, by
 * the publisher its manifest names, with a valid manifest. Whether the script's own manifest is the
 * same is for whoever can run it safely: see `assertSameManifest`.
 *
 * @throws SIGNATURE_MISSING, SIGNATURE_MALFORMED, SIGNATURE_KEY_UNKNOWN, SIGNATURE_KEY_REVOKED,
 * SIGNATURE_WRONG, SIGNATURE_OF_ANOTHER_PACKAGE, SIGNATURE_KEY_EXPIRED, SIGNATURE_PUBLISHER_MISMATCH,
 * MANIFEST_INVALID.
 */
export async function verifyPackage(pkg: Package, trust: TrustStore, now: Date = new Date()): Promise<VerifiedPackage> {
  const signature = signatureOf(pkg);
  if (signature === null) throw SignatureMissing();
  const key = await trust.find(signature.keyId);
  if (key === null) throw KeyUnknown({ details: { keyId: signature.keyId, publisher: signature.publisher } });
  if (key.revoked) throw KeyRevoked({ details: { keyId: key.keyId } });
  if (!isSignedBy(signature, key.publicKey)) throw SignatureWrong({ details: { keyId: key.keyId } });
  if (signature.digest !== pkg.digest) throw SignatureOfAnother({ details: { signed: signature.digest, found: pkg.digest } });
  assertInForce(key, new Date(signature.signedAt), now);
  if (signature.publisher !== key.publisher) throw PublisherMismatch({ details: { signature: signature.publisher, key: key.publisher } });
  const manifest = parseManifest(pkg.manifest);
  if (manifest.publisher !== signature.publisher) throw PublisherMismatch({ details: { signature: signature.publisher, manifest: manifest.publisher ?? null } });
  return { ...pkg, manifest, signature };
}
