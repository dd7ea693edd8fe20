import { Type, type Static } from '@proofpix/sdk';
import { DocumentStatus, Location, ProcessingWarning, PublicError } from './contract.ts';

const Time = Type.String({ format: 'date-time' });

export const FileParams = Type.Object({ fileId: Type.String({ format: 'uuid' }) });

export const UploadFields = Type.Object(
  {
    options: Type.Optional(
      Type.Object(
        {
          /** Default true. */
          processImmediately: Type.Optional(Type.Boolean()),
          /** Default true; false stops at type and size. */
          extractMetadata: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export const Document = Type.Object({
  id: Type.String(),
  ownerId: Type.Union([Type.String(), Type.Null()]),
  filename: Type.String(),
  mimeType: Type.String(),
  declaredType: Type.Union([Type.String(), Type.Null()]),
  typeMismatch: Type.Boolean(),
  sizeBytes: Type.Integer(),
  sha256: Type.String(),
  status: DocumentStatus,
  progress: Type.Number(),
  error: Type.Union([PublicError, Type.Null()]),
  createdAt: Time,
  updatedAt: Time,
});
export type Document = Static<typeof Document>;

export const ProcessingState = Type.Object({
  id: Type.String(),
  status: DocumentStatus,
  /** 0 to 1. */
  progress: Type.Number(),
  stage: Type.Union([Type.String(), Type.Null()]),
  error: Type.Union([PublicError, Type.Null()]),
  updatedAt: Time,
});

/** `result` is that of the last run that completed, kept while a later one is under way or failed. */
export const Results = Type.Object({
  id: Type.String(),
  status: DocumentStatus,
  error: Type.Union([PublicError, Type.Null()]),
  result: Type.Union([
    Type.Object({
      kind: Type.String(),
      metadata: Type.Record(Type.String(), Type.Unknown()),
      location: Type.Union([Location, Type.Null()]),
      warnings: Type.Array(ProcessingWarning),
      completedAt: Time,
    }),
    Type.Null(),
  ]),
});
