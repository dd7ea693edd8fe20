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
