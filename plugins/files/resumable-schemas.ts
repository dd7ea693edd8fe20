import { Type, type Static } from '@proofpix/sdk';

export const ResumableParams = Type.Object({ uploadId: Type.String({ format: 'uuid' }) });

/** `fileId` once it is whole; then `offset` is `length`. In bytes. */
export const Resumable = Type.Object({
  id: Type.String(),
  filename: Type.String(),
  offset: Type.Integer(),
  length: Type.Integer(),
  fileId: Type.Union([Type.String(), Type.Null()]),
  expiresAt: Type.String({ format: 'date-time' }),
});
export type Resumable = Static<typeof Resumable>;
