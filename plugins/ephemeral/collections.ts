import { collection, Type } from '@proofpix/sdk';

const Time = Type.String({ format: 'date-time' });

export const collections = {
  /** That there was a session: whose, when, and how far it got. What it was about, down to its size, is not written down. */
  sessions: collection({
    schema: Type.Object({
      ownerId: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
      /** Of `ctx.scratch`. */
      scratchId: Type.String({ maxLength: 100 }),
      batchId: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
      state: Type.Enum(['queued', 'processing', 'completed', 'failed', 'cleaned']),
      progress: Type.Number({ minimum: 0, maximum: 1 }),
      /** One of this plugin's own codes. */
      errorCode: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
      expiresAt: Time,
      finishedAt: Type.Union([Time, Type.Null()]),
    }),
    indexes: [['ownerId', 'createdAt'], ['expiresAt'], ['state']],
  }),
};
