import { collection, Type } from '@proofpix/sdk';

const Uuid = Type.String({ format: 'uuid' });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Problem = Type.Object({ code: Type.String({ maxLength: 60 }), message: Type.String({ maxLength: 500 }) });

export const collections = {
  /** Exports of personal data; the file goes when it has expired. */
  exports: collection({
    schema: Type.Object({
      userId: Uuid,
      state: Type.Enum(['queued', 'running', 'completed', 'failed']),
      fileId: nullable(Type.String({ maxLength: 200 })),
      sizeBytes: nullable(Type.Integer({ minimum: 0 })),
      error: nullable(Problem),
      completedAt: nullable(Type.String({ format: 'date-time' })),
      expiresAt: Type.String({ format: 'date-time' }),
    }),
    indexes: [['userId'], ['expiresAt']],
  }),
  bulkOperations: collection({
    schema: Type.Object({
      operation: Type.String({ maxLength: 40 }),
      /** What the operation needs beside the user: a role, a reason. */
      options: Type.Record(Type.String(), Type.Unknown()),
      state: Type.Enum(['queued', 'running', 'completed', 'failed']),
      total: Type.Integer({ minimum: 1 }),
      createdBy: Uuid,
      completedAt: nullable(Type.String({ format: 'date-time' })),
    }),
    indexes: [['createdBy']],
  }),
  bulkRows: collection({
    schema: Type.Object({
      operationId: Uuid,
      position: Type.Integer({ minimum: 0 }),
      userId: Uuid,
      /** `running` is written before the row is done, so that a second try knows that the first may have done it. */
      state: Type.Enum(['pending', 'running', 'succeeded', 'unchanged', 'failed']),
      error: nullable(Problem),
    }),
    unique: [['operationId', 'position']],
    indexes: [['operationId', 'state'], ['userId']],
  }),
};
