import { defineError } from '@proofpix/sdk';

/**
 * The thread or process that worked on a file broke, or gave up. Does not leave this plugin: its services turn it into
 * a status or one of the errors of their contract. `details.reason`: `time` (killed at its deadline), `memory`,
 * `crash`, or `failed` (an error of the parser, told in `cause`).
 */
export const LaneFailed = defineError({ code: 'LANE_FAILED', kind: 'internal', message: 'The parser gave up on the file.' });

/** The stored content ends before its size. */
export const IncompleteContent = defineError({ code: 'INCOMPLETE_CONTENT', kind: 'unavailable', message: 'The stored content is shorter than it should be.' });

export const FileUnsupported = defineError({ code: 'FILE_UNSUPPORTED', kind: 'invalid', message: 'This cannot be done with a file of this format.' });
export const FileDamaged = defineError({ code: 'FILE_DAMAGED', kind: 'invalid', message: 'The file is damaged, or is not what it claims to be.' });
export const FileEncrypted = defineError({ code: 'FILE_ENCRYPTED', kind: 'invalid', message: 'The file is protected by a password.' });
export const FileTooLarge = defineError({ code: 'FILE_TOO_LARGE', kind: 'too-large', message: 'The file is too large for this.' });

/** Of `parsers.pages`. */
export const PageNotRendered = defineError({ code: 'PAGE_NOT_RENDERED', kind: 'invalid', message: 'The page cannot be shown.' });
