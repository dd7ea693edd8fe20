import { Type } from '@proofpix/sdk';
import { TypeName } from '../../schemas.ts';

const closed = { additionalProperties: false };
const Uuid = Type.String({ format: 'uuid' });

const fields = {
  /** RE2 syntax: no back references, no look-around. It is looked for within lines, of 1,000 characters at most. */
  pattern: Type.String({ minLength: 1, maxLength: 500 }),
  /** One of them within sixty characters of a match raises the score by 0.35. */
  contextWords: Type.Array(Type.String({ minLength: 2, maxLength: 60 }), { maxItems: 50 }),
  /** What the letters and digits of a match have to satisfy: Luhn, ISO/IEC 7064 MOD 97-10 or MOD 11-2. */
  check: Type.Union([Type.Enum(['luhn', 'mod-97', 'mod-11']), Type.Null()]),
  /** Without a word beside it. Below 0.5 it is found only beside one. */
  score: Type.Number({ minimum: 0, maximum: 1 }),
  enabled: Type.Boolean(),
};

export const NewRecogniser = Type.Object(
  {
    /** The type of the entities it finds; not one of the built-in types. */
    name: TypeName,
    pattern: fields.pattern,
    contextWords: Type.Optional(fields.contextWords),
    check: Type.Optional(fields.check),
    score: Type.Optional(fields.score),
    enabled: Type.Optional(fields.enabled),
  },
  closed,
);

export const RecogniserChange = Type.Partial(Type.Object(fields, closed), closed);

export const Recogniser = Type.Object({ id: Uuid, name: Type.String(), ...fields, createdAt: Type.String(), updatedAt: Type.String() });

export const RecogniserParams = Type.Object({ id: Uuid });

export const RecogniserTrial = Type.Object({ pattern: fields.pattern, contextWords: Type.Optional(fields.contextWords), check: Type.Optional(fields.check), score: Type.Optional(fields.score), text: Type.String({ minLength: 1, maxLength: 20_000 }) }, closed);
