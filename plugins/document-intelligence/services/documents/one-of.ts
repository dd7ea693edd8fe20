import { ValidationError } from '@proofpix/sdk';

/** @throws VALIDATION_ERROR unless the request names a text or a document, and not both */
export function oneOf(body: { text?: string | undefined; documentId?: string | undefined }): { text: string; documentId: null } | { text: null; documentId: string } {
  if (body.text !== undefined && body.documentId === undefined) return { text: body.text, documentId: null };
  if (body.documentId !== undefined && body.text === undefined) return { text: null, documentId: body.documentId };
  throw ValidationError({ message: 'Give either text or documentId.', details: { field: 'text', issue: 'either text or documentId' } });
}
