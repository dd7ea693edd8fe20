import { defineError } from '@proofpix/sdk';

/** The bytes are none of the formats that are decoded, whatever they claim to be. */
export const ImageUnsupported = defineError({ code: 'IMAGE_UNSUPPORTED', kind: 'invalid', message: 'The picture must be a JPEG, PNG, WebP or GIF file.' });
/** Decoding failed: truncated, damaged, or not what its beginning says. */
export const ImageBroken = defineError({ code: 'IMAGE_BROKEN', kind: 'invalid', message: 'The picture is damaged or incomplete.' });
/** `details.limit` names what was exceeded: `bytes`, `pixels`, `frames` or `time`. */
export const ImageTooLarge = defineError({ code: 'IMAGE_TOO_LARGE', kind: 'too-large', message: 'The picture is too large.' });
