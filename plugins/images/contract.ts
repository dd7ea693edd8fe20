import { defineService, Type } from '@proofpix/sdk';

const closed = { additionalProperties: false };

/**
 * Pictures made fit for showing. `file` is a handle shared by the caller, so the caller needs `files:write` and
 * `files:read` too. What it names is not kept.
 *
 * Errors: IMAGE_UNSUPPORTED (no JPEG, PNG, WebP or GIF, whatever it claims to be), IMAGE_BROKEN (truncated or
 * damaged), IMAGE_TOO_LARGE (bytes, pixels or frames; found out before anything is decoded).
 */
export const imagesSquares = defineService({
  id: 'images.squares',
  version: '1.0.0',
  methods: {
    /**
     * Turned upright, cut to the middle square, one WebP per size (edge in pixels), without any metadata of the
     * original. Of an animation the first frame.
     */
    make: {
      input: Type.Object({ file: Type.String({ minLength: 1, maxLength: 1024 }), sizes: Type.Array(Type.Integer({ minimum: 16, maximum: 1024 }), { minItems: 1, maxItems: 4, uniqueItems: true }) }, closed),
      output: Type.Object({ images: Type.Array(Type.Object({ size: Type.Integer(), base64: Type.String() }, closed)) }, closed),
      idempotent: true,
    },
  },
});

/** Pictures in any format that can be shown: JPEG, PNG, WebP, GIF, AVIF, TIFF and HEIC. `file` and errors as above; larger pictures are allowed. */
export const imagesThumbnails = defineService({
  id: 'images.thumbnails',
  version: '1.0.0',
  methods: {
    /** Upright, in its proportions, neither edge longer than `edge` pixels and never enlarged; WebP without metadata. Of several pages the first. */
    make: {
      input: Type.Object({ file: Type.String({ minLength: 1, maxLength: 1024 }), edge: Type.Integer({ minimum: 16, maximum: 2048 }) }, closed),
      output: Type.Object({ base64: Type.String(), width: Type.Integer(), height: Type.Integer() }, closed),
      idempotent: true,
    },
    /** The same of bytes that the caller has, e.g. a rendered page: base64 of a PNG, JPEG or WebP. */
    makeOf: {
      input: Type.Object({ base64: Type.String({ maxLength: 33_554_432 }), edge: Type.Integer({ minimum: 16, maximum: 2048 }) }, closed),
      output: Type.Object({ base64: Type.String(), width: Type.Integer(), height: Type.Integer() }, closed),
      idempotent: true,
    },
  },
});

/** Pictures prepared for a machine that reads them. `file` and errors as above, and PAGE_NOT_RENDERED (no such page). */
export const imagesRendering = defineService({
  id: 'images.rendering',
  version: '1.0.0',
  methods: {
    /**
     * Upright, grey, on white where it is transparent, as PNG: its longer edge has `maxEdge` pixels, unless that would
     * enlarge it more than `maxEnlargement` times. `page` counts the pages of a TIFF; everything else has one.
     */
    grey: {
      input: Type.Object(
        { file: Type.String({ minLength: 1, maxLength: 1024 }), page: Type.Integer({ minimum: 1 }), maxEdge: Type.Integer({ minimum: 16, maximum: 4096 }), maxEnlargement: Type.Number({ minimum: 1, maximum: 8 }) },
        closed,
      ),
      output: Type.Object(
        {
          base64: Type.String(),
          width: Type.Integer(),
          height: Type.Integer(),
          /** Of the upright picture before it was scaled, in pixels. */
          originalWidth: Type.Integer(),
          originalHeight: Type.Integer(),
          pageCount: Type.Integer(),
        },
        closed,
      ),
      idempotent: true,
    },
  },
});

/** Pictures with areas blacked out for good. */
export const imagesRedaction = defineService({
  id: 'images.redaction',
  version: '1.0.0',
  methods: {
    /** Areas in pixels of the upright picture, from its top left corner. Answers a handle that the caller may keep within the hour; it needs `files:write`. PNG stays PNG, all else becomes JPEG, in which areas are widened to whole blocks of 8 pixels; no metadata, no thumbnail of the original. */
    cover: {
      input: Type.Object(
        {
          file: Type.String({ minLength: 1, maxLength: 1024 }),
          areas: Type.Array(Type.Object({ x: Type.Integer(), y: Type.Integer(), width: Type.Integer({ minimum: 1 }), height: Type.Integer({ minimum: 1 }) }, closed), { minItems: 1, maxItems: 10_000 }),
        },
        closed,
      ),
      output: Type.Object({ file: Type.String(), mimeType: Type.String(), sizeBytes: Type.Integer({ minimum: 0 }) }, closed),
      idempotent: true,
    },
  },
});
