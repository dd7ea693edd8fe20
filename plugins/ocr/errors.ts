import { defineError } from '@proofpix/sdk';

/** There is no text to look for in a file of this type. */
export const ImageUnsupported = defineError({ code: 'IMAGE_UNSUPPORTED', kind: 'invalid', message: 'Text is recognised in pictures and PDF pages only.' });
/** The page could not be read at all. */
export const ImageBroken = defineError({ code: 'IMAGE_BROKEN', kind: 'invalid', message: 'The picture could not be read.' });
