import { defineError } from '../errors.ts';

/** Everything a package can be refused for. All are the sender's fault (400) and name no host path. */

const invalid = (code: string, message: string) => defineError({ code, kind: 'invalid', message });

/** Not gzip, or not tar inside. */
export const NotAnArchive = invalid('PACKAGE_NOT_AN_ARCHIVE', 'The package is not a gzipped tar archive.');
/** Cut off, or shorter than it says. */
export const Truncated = invalid('PACKAGE_TRUNCATED', 'The package ends before its content does.');
/** Too large as sent, unpacked, in one entry, or by ratio. 413. */
export const TooLarge = defineError({ code: 'PACKAGE_TOO_LARGE', kind: 'too-large', message: 'The package or what it unpacks to is too large.' });
/** `details.entry` is absolute or climbs with `..`. */
export const UnsafePath = invalid('PACKAGE_UNSAFE_PATH', 'The package has an entry that points outside of it.');
/** `details.entry` is a link, folder or device. */
export const UnsafeEntry = invalid('PACKAGE_UNSAFE_ENTRY', 'The package has an entry that is not a plain file.');
/** `details.entry` comes twice. */
export const DuplicateEntry = invalid('PACKAGE_DUPLICATE_ENTRY', 'The package has an entry twice.');
/** `details.entry` is none of the format’s entries. */
export const UnknownEntry = invalid('PACKAGE_UNKNOWN_ENTRY', 'The package has an entry that no package has.');
/** `details.entry` is required. */
export const MissingEntry = invalid('PACKAGE_MISSING_ENTRY', 'The package lacks an entry that every package has.');
/** `details.entry` is not UTF-8, JSON or PNG where it has to be. */
export const InvalidEntry = invalid('PACKAGE_INVALID_ENTRY', 'The content of an entry is not what its name says.');

/** `details.issues` lists `{path, issue}`. */
export const ManifestInvalid = invalid('MANIFEST_INVALID', 'The manifest is not valid.');
/** The script, when run, shows another manifest than the one that was judged. */
export const ManifestMismatch = invalid('MANIFEST_MISMATCH', 'The manifest of the package is not the manifest of its script.');

/** There is no `signature.json`. */
export const SignatureMissing = invalid('SIGNATURE_MISSING', 'The package is not signed.');
/** `signature.json` does not fit its schema. */
export const SignatureMalformed = invalid('SIGNATURE_MALFORMED', 'The signature of the package cannot be read.');
/** Forged, or changed after it was made. */
export const SignatureWrong = invalid('SIGNATURE_WRONG', 'The signature does not verify under the key it names.');
/** A good signature of something else: the package was changed, or carries another one's signature. */
export const SignatureOfAnother = invalid('SIGNATURE_OF_ANOTHER_PACKAGE', 'The signature was not made for the content of this package.');
/** `details.keyId` is not in the trust store. */
export const KeyUnknown = invalid('SIGNATURE_KEY_UNKNOWN', 'The package is signed with a key that is not trusted here.');
/** `details.keyId` was revoked; nothing it ever signed counts. */
export const KeyRevoked = invalid('SIGNATURE_KEY_REVOKED', 'The package is signed with a key that was revoked.');
/** Outside the key’s validity, when it signed or now, or dated in the future. */
export const KeyExpired = invalid('SIGNATURE_KEY_EXPIRED', 'The key of the signature was not valid when it was made, or is not valid any more.');
/** `details` has the names that differ. */
export const PublisherMismatch = invalid('SIGNATURE_PUBLISHER_MISMATCH', 'Signature, key and manifest do not name the same publisher.');
