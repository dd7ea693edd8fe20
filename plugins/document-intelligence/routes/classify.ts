import { Type } from '@proofpix/sdk';
import { ClassificationResult } from '../contract.ts';
import { route } from '../kit.ts';
import { TextSource, TypeName } from '../schemas.ts';
import { classifyDocument, classifyText } from '../services/classification/classify-source.ts';
import { correct } from '../services/classification/correct.ts';
import { oneOf } from '../services/documents/one-of.ts';

const closed = { additionalProperties: false };
const Uuid = Type.String({ format: 'uuid' });
const maxBytes = 1_638_400;

export const classify = route({
  name: 'classify',
  method: 'POST',
  path: '/api/document-intelligence/classify',
  access: 'tenant',
  permission: 'document-intelligence:extract',
  summary: 'What kind of document this is, how surely, and why; of a stored document by its text and file, or of a text',
  body: { json: Type.Object({ ...TextSource, filename: Type.Optional(Type.String({ maxLength: 255 })), mimeType: Type.Optional(Type.String({ maxLength: 255 })) }, closed), maxBytes },
  idempotent: true,
  response: ClassificationResult,
  handler(ctx, { body }) {
    const source = oneOf(body);
    return source.documentId === null ? classifyText(ctx, { ...body, text: source.text }) : classifyDocument(ctx, source.documentId);
  },
});

export const correctClassification = route({
  name: 'correctClassification',
  method: 'POST',
  path: '/api/document-intelligence/classify/corrections',
  access: 'tenant',
  permission: 'document-intelligence:classify',
  summary: 'Say what a document is; similar ones are classified so from now on. The label may be a new one',
  body: { json: Type.Object({ documentId: Uuid, label: TypeName }, closed) },
  status: 201,
  response: Type.Object({ id: Uuid, documentId: Uuid, label: Type.String() }),
  handler: (ctx, { body: { documentId, label } }) => correct(ctx, documentId, label),
});
