import { Type } from '@proofpix/sdk';
import { entityTypes } from './services/entities/span.ts';

export const ExtractEntities = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 262_144 }),
    options: Type.Optional(
      Type.Object(
        {
          /** Default all. */
          types: Type.Optional(Type.Array(Type.Enum([...entityTypes]), { minItems: 1, maxItems: entityTypes.length })),
          /** Default 0.5. */
          minimumScore: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export const Entity = Type.Object({
  type: Type.Enum([...entityTypes]),
  /** UTF-16 code units, `end` exclusive. */
  start: Type.Integer({ minimum: 0 }),
  end: Type.Integer({ minimum: 1 }),
  text: Type.String(),
  score: Type.Number({ minimum: 0, maximum: 1 }),
  /** The rule that found it. */
  validator: Type.String(),
  /** The word nearby that spoke for it. */
  context: Type.Union([Type.String(), Type.Null()]),
});

export const FoundEntities = Type.Object({
  /** In the order of the text, without overlaps; the first 5,000. */
  entities: Type.Array(Entity),
  /** By type, of all that was found. */
  counts: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
  truncated: Type.Boolean(),
});
