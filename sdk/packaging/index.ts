/** The package format: for the author's command, registries and installers. Plugins never import it. */
export * from './errors.ts';
export { contentDigest } from './digest.ts';
export { entryRules, packageLimits, type Entries, type EntryName, type PackageLimits } from './entries.ts';
export { readPackage, type Package } from './read-package.ts';
export { writePackage } from './write-package.ts';
export { generateSigningKey, keyIdOf, KeyInvalid, rawPublicKey, readPrivateKey, readPublicKey, type SigningKeyPair } from './keys.ts';
export { isSignedBy, PackageSignature, signatureOf, signEntries } from './signature.ts';
export { verifyPackage, type TrustedKey, type TrustStore, type VerifiedPackage } from './verify-package.ts';
export { manifestIssues, parseManifest, type ManifestIssue } from './check-manifest.ts';
export { assertSameManifest } from './same-manifest.ts';
export { openPackage, type OpenPackageOptions } from './open-package.ts';
export { keyRing, type KeyRing, trustedKey, TrustedKeyRecord } from './key-ring.ts';
