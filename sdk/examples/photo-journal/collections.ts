import { collection, Type } from '@proofpix/sdk';

export const collections = {
  entries: collection({
    schema: Type.Object(
      {
        title: Type.String({ minLength: 1, maxLength: 200 }),
        note: Type.String({ maxLength: 10_000, default: '' }),
        /** The photo it is about; entries that people write have none. */
        fileId: Type.Optional(Type.String({ format: 'uuid' })),
        /** As the camera said it, which may be without a time zone. */
        takenAt: Type.Optional(Type.String({ maxLength: 40 })),
        place: Type.Optional(Type.String({ maxLength: 300 })),
        /** WGS 84 degrees. */
        latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
        longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
        weather: Type.Optional(Type.String({ maxLength: 200 })),
        words: Type.Optional(Type.Integer({ minimum: 0 })),
      },
      { additionalProperties: false },
    ),
    // What makes a second delivery of the same photo harmless.
    unique: [['fileId']],
    indexes: [['createdAt']],
  }),
};
