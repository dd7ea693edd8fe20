import { defineError } from '@proofpix/sdk';

/** The bytes are none of the formats that are decoded, whatever they claim to be. */
export const ImageUnsupported = defineError({ code: 'IMAGE_UNSUPPORTED', kind: 'invalid', message: 'The picture has a format that is not read here.' });
/** Decoding failed: truncated, damaged, or not what its beginning says. */
export const ImageBroken = defineError({ code: 'IMAGE_BROKEN', kind: 'invalid', message: 'The picture is damaged or incomplete.' });
/** `details.limit` names what was exceeded: `bytes`, `pixels`, `frames` or `time`. */
export const ImageTooLarge = defineError({ code: 'IMAGE_TOO_LARGE', kind: 'too-large', message: 'The picture is too large.' });
/** The picture has fewer pages. */
export const PageNotRendered = defineError({ code: 'PAGE_NOT_RENDERED', kind: 'invalid', message: 'The picture has no such page.' });
