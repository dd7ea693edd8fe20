import { collection, Type } from '@proofpix/sdk';
import { stepNames } from './contract.ts';

const Uuid = Type.String({ format: 'uuid' });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: 'date-time' });

export const collections = {
  /** One per run that `files` asked for; its id is the run's, which is what makes a repeated request harmless. */
  analyses: collection({
    schema: Type.Object({
      fileId: Uuid,
      filename: Type.String({ maxLength: 255 }),
      mimeType: Type.String({ maxLength: 255 }),
      sizeBytes: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ maxLength: 64 }),
      options: Type.Object({ extractMetadata: Type.Boolean(), ocr: Type.Enum(['auto', 'off', 'force']) }),
      /** `cancelled`: called off, the file was deleted, or the run replaced, before the end. */
      state: Type.Enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
      /** The step under way or last done; null before the first. */
      step: nullable(Type.Enum([...stepNames])),
      errorCode: nullable(Type.String({ maxLength: 60 })),
      finishedAt: nullable(Time),
      typeMismatch: Type.Boolean({ default: false }),
      /** Whether anything is written in it; null before the text step. */
      hasText: Type.Union([Type.Boolean(), Type.Null()], { default: null }),
      /** The job that may go on with the run; any other is a leftover and does nothing. */
      jobId: nullable(Uuid),
      /** How far the step under way has come, for it to go on from there after a crash. */
      draft: nullable(Type.Record(Type.String(), Type.Unknown())),
      /** Words that other plugins had to say. */
      labels: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 50, default: [] }),
    }),
    indexes: [['fileId', 'createdAt'], ['state']],
  }),
  /** What each step of a run found. */
  steps: collection({
    schema: Type.Object({
      analysisId: Uuid,
      fileId: Uuid,
      name: Type.String({ maxLength: 60 }),
      /** `skipped`: does not apply to such a document. */
      state: Type.Enum(['completed', 'failed', 'skipped']),
      result: nullable(Type.Record(Type.String(), Type.Unknown())),
      errorCode: nullable(Type.String({ maxLength: 60 })),
      durationMs: Type.Integer({ minimum: 0 }),
    }),
    unique: [['analysisId', 'name']],
    indexes: [['fileId']],
  }),
  /** Entities of a page, in the order of its text. */
  entities: collection({
    schema: Type.Object({
      analysisId: Uuid,
      fileId: Uuid,
      page: Type.Integer({ minimum: 1 }),
      found: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    }),
    unique: [['analysisId', 'page']],
    indexes: [['fileId']],
  }),
  /** Of the last completed run of each file; bands of 16 bits, so that near duplicates share at least one. */
  fingerprints: collection({
    schema: Type.Object({ fileId: Uuid, simhash: Type.String({ maxLength: 16 }), band0: Type.Integer(), band1: Type.Integer(), band2: Type.Integer(), band3: Type.Integer() }),
    unique: [['fileId']],
    indexes: [['band0'], ['band1'], ['band2'], ['band3']],
  }),
  /** What people said a document is; the tenant's classifier learns from it. */
  corrections: collection({
    schema: Type.Object({
      fileId: nullable(Uuid),
      label: Type.String({ maxLength: 60 }),
      /** Words of the document, hashed and counted: enough to learn from, too little to read. */
      features: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
      userId: nullable(Uuid),
    }),
    indexes: [['fileId'], ['userId']],
  }),
  /** Recognisers of the tenant: a pattern (RE2 syntax, linear time), words beside it, a check. */
  recognisers: collection({
    schema: Type.Object({
      name: Type.String({ maxLength: 60 }),
      pattern: Type.String({ maxLength: 500 }),
      contextWords: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 50 }),
      check: nullable(Type.Enum(['luhn', 'mod-97', 'mod-11'])),
      score: Type.Number({ minimum: 0, maximum: 1 }),
      enabled: Type.Boolean(),
      createdBy: nullable(Uuid),
    }),
    unique: [['name']],
  }),
};
