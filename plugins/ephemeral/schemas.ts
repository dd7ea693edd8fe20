import { Type, type Static } from '@proofpix/sdk';
import { EphemeralResults, SessionStatus, StepName, stepNames } from './contract.ts';

const Time = Type.String({ format: 'date-time' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** Per file; the deployment's own limit applies as well. */
export const maxFileBytes = 104_857_600;
export const maxBatchFiles = 100;

export const Options = Type.Object(
  {
    /** Default all. */
    steps: Type.Optional(Type.Array(StepName, { minItems: 1, maxItems: stepNames.length, uniqueItems: true })),
    /** Whether text is read off pictures: of pictures, and of pages without text of their own. */
    ocr: Type.Optional(Type.Enum(['auto', 'off'], { default: 'auto' })),
    /** How long the session lives. */
    ttlSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 3600, default: 900 })),
  },
  { additionalProperties: false },
);
export type Options = Static<typeof Options>;

export const Fields = Type.Object({ options: Type.Optional(Options) }, { additionalProperties: false });

export const SessionParams = Type.Object({ sessionId: Type.String({ format: 'uuid' }) });

const sessionFields = {
  id: Type.String({ format: 'uuid' }),
  sessionId: Type.String({ format: 'uuid' }),
  /** Of sessions that were begun together. */
  batchId: Nullable(Type.String({ format: 'uuid' })),
  status: SessionStatus,
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  error: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  createdAt: Time,
  expiresAt: Time,
  finishedAt: Nullable(Time),
};

export const Session = Type.Object(sessionFields);
export type Session = Static<typeof Session>;

/** `results`: null until it is completed, for whoever did not begin it, and once it is over. */
export const SessionWithResults = Type.Object({ ...sessionFields, results: Nullable(EphemeralResults) });

export const SessionPage = Type.Object({ items: Type.Array(Session), nextCursor: Nullable(Type.String()) });

export const Batch = Type.Object({
  batchId: Type.String({ format: 'uuid' }),
  /** In the order of the files. */
  items: Type.Array(Type.Object({ index: Type.Integer({ minimum: 0 }), session: Nullable(Session), error: Nullable(Type.Object({ code: Type.String(), message: Type.String() })) })),
});

export const ActiveQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 1000 })),
  /** The whole team’s, with ephemeral:manage. */
  all: Type.Optional(Type.Boolean({ default: false })),
});
