import { Type } from '@proofpix/sdk';
import { Document } from './schemas.ts';

/** The longer edge of thumbnails, in pixels: these are made and kept, and a request gets the next one that is large enough. */
export const thumbnailEdges = [128, 256, 512, 1024] as const;

export const ThumbnailQuery = Type.Object(
  {
    /** Default 256. */
    edge: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
  },
  { additionalProperties: false },
);

export const StripQuery = Type.Object(
  {
    /** Default false; true answers the copy itself, and stores nothing. */
    download: Type.Optional(Type.Boolean()),
    /** Default true: the new file is processed as an upload is. */
    processImmediately: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** The new file, and the groups of metadata that the original has and it has not. */
export const StrippedDocument = Type.Object({ ...Document.properties, removed: Type.Array(Type.String()) });
