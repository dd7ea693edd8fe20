import { Type } from '@proofpix/sdk';
import { SecurityResult } from '../contract.ts';
import { route } from '../kit.ts';
import { TextSource } from '../schemas.ts';
import { oneOf } from '../services/documents/one-of.ts';
import { openDocument } from '../services/documents/open-document.ts';
import { inOrder, scanDocument, secretFindings } from '../services/security/scan-document.ts';

const maxBytes = 1_638_400;
/** Parsing and scanning a large file takes its time. */
const timeoutMs = 120_000;

/** Keeps nothing; the pipeline's own findings stay as they are. */
export const securityScan = route({
  name: 'securityScan',
  method: 'POST',
  path: '/api/document-intelligence/security-scan',
  access: 'tenant',
  permission: 'document-intelligence:extract',
  summary: 'Secrets in a text or document; of a document also macros, scripts, hidden parts, leaks of place and author, and malware',
  body: { json: Type.Object(TextSource, { additionalProperties: false }), maxBytes },
  idempotent: true,
  timeoutMs,
  response: SecurityResult,
  async handler(ctx, { body }) {
    const source = oneOf(body);
    if (source.documentId === null) return { findings: inOrder(secretFindings(source.text, null)), malware: null };
    const document = await openDocument(ctx, source.documentId);
    const { handle: file, filename, mimeType } = document;
    return await scanDocument(ctx, { file, filename, mimeType, metadata: await document.resultOf('metadata'), pages: document.pages() });
  },
});
