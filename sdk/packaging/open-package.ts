import type { PackageLimits } from './entries.ts';
import { readPackage } from './read-package.ts';
import { assertSameManifest } from './same-manifest.ts';
import { type TrustStore, type VerifiedPackage, verifyPackage } from './verify-package.ts';

/** Whom to believe, and where the script may run. */
export interface OpenPackageOptions {
  trust: TrustStore;
  /** Default: the format's own limits. */
  limits?: PackageLimits;
  now?: Date;
  /** Runs the script where it can do no harm and tells the manifest it shows. */
  extractManifest(code: string): Promise<unknown>;
}

/**
 * The whole way from received bytes to a package that may be offered or installed: form, signature,
 * manifest, and that the script says the same as the manifest.
 *
 * @throws every error of `readPackage` and `verifyPackage`, and MANIFEST_MISMATCH.
 */
export async function openPackage(source: Uint8Array | AsyncIterable<Uint8Array>, options: OpenPackageOptions): Promise<VerifiedPackage> {
  const pkg = await verifyPackage(await readPackage(source, options.limits), options.trust, options.now);
  assertSameManifest(pkg.manifest, await options.extractManifest(pkg.code));
  return pkg;
}
