import { collection, Type } from '@proofpix/sdk';

export const collections = {
  /** One per run that `files` asked for; its id is the run's, which is what makes a repeated request harmless. */
  extractions: collection({
    schema: Type.Object({
      fileId: Type.String({ format: 'uuid' }),
      extractMetadata: Type.Boolean(),
      /** `cancelled`: the file was deleted, or the run replaced, before the end. */
      state: Type.Enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
      errorCode: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
    }),
    indexes: [['fileId']],
  }),
};
