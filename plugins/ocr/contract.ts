import { defineService, Type, type Static } from '@proofpix/sdk';

const closed = { additionalProperties: false };

export const RecognisedWord = Type.Object(
  {
    text: Type.String(),
    /** 0 to 1. */
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    /** UTF-16 offsets into the page's `text`, `end` exclusive. */
    start: Type.Integer({ minimum: 0 }),
    end: Type.Integer({ minimum: 0 }),
    /** Pixels of the picture as people see it, from its top left corner. */
    x: Type.Integer(),
    y: Type.Integer(),
    width: Type.Integer({ minimum: 0 }),
    height: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type RecognisedWord = Static<typeof RecognisedWord>;

export const RecognisedPage = Type.Object(
  {
    text: Type.String(),
    /** Mean over the words, 0 to 1; 0 without any. */
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    words: Type.Array(RecognisedWord),
    /** Of the picture that was read, in pixels. */
    width: Type.Integer(),
    height: Type.Integer(),
    /** ISO 639-3 of the model, e.g. `eng`. */
    language: Type.String(),
  },
  closed,
);
export type RecognisedPage = Static<typeof RecognisedPage>;

/**
 * Text in pictures and scanned pages. `file` is a handle shared by the caller; `page` counts for PDF and multi-page TIFF.
 *
 * Errors: IMAGE_UNSUPPORTED, IMAGE_BROKEN, IMAGE_TOO_LARGE, PAGE_NOT_RENDERED, UNAVAILABLE (too many wait), DEADLINE_EXCEEDED.
 */
export const ocrRecognition = defineService({
  id: 'ocr.recognition',
  version: '1.0.0',
  methods: {
    read: {
      input: Type.Object({ file: Type.String({ minLength: 1, maxLength: 1024 }), mimeType: Type.String({ maxLength: 255 }), page: Type.Integer({ minimum: 1 }) }, closed),
      output: RecognisedPage,
      idempotent: true,
    },
  },
});
