import { Type } from '@proofpix/sdk';

/** What a tenant may set. */
export const Config = Type.Object(
  {
    /** Pages of one document that are read as text. */
    maxPages: Type.Integer({ minimum: 1, maximum: 10_000, default: 2000 }),
    /** Pages of one document whose text is recognised from their picture. */
    maxOcrPages: Type.Integer({ minimum: 0, maximum: 1000, default: 50 }),
  },
  { additionalProperties: false },
);

const closed = { additionalProperties: false };
const Uuid = Type.String({ format: 'uuid' });

/** Name of a recogniser of the tenant; also a type of entities. */
export const TypeName = Type.String({ pattern: '^[a-z][a-z0-9-]{1,59}$' });

/** A text, or a stored document whose text was read. */
export const TextSource = {
  text: Type.Optional(Type.String({ minLength: 1, maxLength: 262_144 })),
  documentId: Type.Optional(Uuid),
};

export const ExtractEntities = Type.Object(
  {
    ...TextSource,
    options: Type.Optional(
      Type.Object(
        {
          /** Built-in types and names of recognisers; default all. */
          types: Type.Optional(Type.Array(TypeName, { minItems: 1, maxItems: 80 })),
          /** Default 0.5. */
          minimumScore: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
          /** ISO 639-1, for recognisers of other plugins; default: what the text seems to be in. */
          language: Type.Optional(Type.String({ pattern: '^[a-z]{2}$' })),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const Entity = Type.Object({
  /** Of a document; 1 for a text. */
  page: Type.Integer({ minimum: 1 }),
  type: Type.String(),
  /** UTF-16 code units of the page's text, `end` exclusive. */
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
  language: Type.Union([Type.String(), Type.Null()]),
  /** In the order of the text, without overlaps; the first 5,000. */
  entities: Type.Array(Entity),
  /** By type, of all that was found. */
  counts: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
  truncated: Type.Boolean(),
});
