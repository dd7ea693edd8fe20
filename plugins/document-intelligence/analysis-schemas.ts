import { Type } from '@proofpix/sdk';
import { stepNames } from './contract.ts';

const Uuid = Type.String({ format: 'uuid' });
const closed = { additionalProperties: false };
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const Analyze = Type.Object(
  {
    /** One of the two; a file holds one document. */
    documentId: Type.Optional(Uuid),
    fileId: Type.Optional(Uuid),
    options: Type.Optional(
      Type.Object(
        {
          /** Default true; false stops at type and size. */
          extractMetadata: Type.Optional(Type.Boolean()),
          /** Default `auto`: pictures, and pages without a text layer. */
          ocr: Type.Optional(Type.Enum(['auto', 'off', 'force'])),
          /** Default false: a document that is being processed is a CONFLICT. */
          replace: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const StartedAnalysis = Type.Object({ id: Uuid, /** Same as `id`: for the results. */ jobId: Uuid, documentId: Uuid, status: Type.Enum(['queued']) });

export const JobParams = Type.Object({ jobId: Uuid });

export const ResultsQuery = Type.Object(
  {
    /** Comma-separated: `entities` of the pages, and `tags` of the metadata, which may be large. */
    include: Type.Optional(Type.String({ maxLength: 100, pattern: '^(entities|tags)(,(entities|tags))*$' })),
    /** Pages of entities. */
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  closed,
);

const StepState = Type.Object({
  name: Type.Enum([...stepNames]),
  /** `waiting`: not yet, or, once the run is over, not needed. */
  state: Type.Enum(['waiting', 'running', 'completed', 'failed', 'skipped']),
  durationMs: Nullable(Type.Integer({ minimum: 0 })),
  errorCode: Nullable(Type.String()),
});

export const AnalysisResults = Type.Object({
  id: Uuid,
  jobId: Uuid,
  documentId: Uuid,
  status: Type.Enum(['queued', 'processing', 'completed', 'failed', 'cancelled']),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  /** The step under way. */
  stage: Nullable(Type.String()),
  error: Nullable(Type.Object({ code: Type.String() })),
  startedAt: Type.String(),
  finishedAt: Nullable(Type.String()),
  steps: Type.Array(StepState),
  /** By step; see `StepResults` of the contract. */
  results: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
  /** Of other plugins. */
  labels: Type.Array(Type.String()),
  /** With `include=entities`. */
  entities: Nullable(Type.Object({ items: Type.Array(Type.Object({ page: Type.Integer(), found: Type.Array(Type.Record(Type.String(), Type.Unknown())) })), nextCursor: Nullable(Type.String()) })),
});

export const CancelledAnalysis = Type.Object({ id: Uuid, /** False: it was over already. */ cancelled: Type.Boolean() });
