import { Type } from '@proofpix/sdk';
import { NotAnalysed } from '../errors.ts';
import { route } from '../kit.ts';
import { openDocument } from '../services/documents/open-document.ts';
import { storedEntities } from '../services/entities/stored-entities.ts';
import { privacyScore } from '../services/insights/privacy-score.ts';
import { similarDocuments } from '../services/insights/similar.ts';
import { suggestRedactions } from '../services/insights/suggestions.ts';

const Uuid = Type.String({ format: 'uuid' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const Insights = Type.Object({
  documentId: Uuid,
  /** The run they are from. */
  jobId: Uuid,
  language: Nullable(Type.String()),
  classification: Nullable(Type.Object({ label: Type.String(), confidence: Type.Number() })),
  privacy: Type.Object({
    /** 100: nothing that was looked for is given away. */
    score: Type.Integer({ minimum: 0, maximum: 100 }),
    factors: Type.Array(Type.Object({ factor: Type.String(), points: Type.Integer(), why: Type.String() })),
    /** Steps without a result: what they would have found is not in the score. */
    notLookedAt: Type.Array(Type.String()),
  }),
  redact: Type.Array(Type.Object({ type: Type.String(), count: Type.Integer(), pages: Type.Array(Type.Integer()) })),
  similar: Type.Array(Type.Object({ documentId: Uuid, filename: Type.String(), similarity: Type.Number() })),
});

export const insights = route({
  name: 'insights',
  method: 'GET',
  path: '/api/document-intelligence/insights/:documentId',
  access: 'tenant',
  permission: 'document-intelligence:read',
  summary: 'How much a document gives away and why, what to redact, and which documents are similar',
  params: Type.Object({ documentId: Uuid }),
  response: Insights,
  async handler(ctx, { params: { documentId } }) {
    const document = await openDocument(ctx, documentId);
    if (document.analysisId === null) throw NotAnalysed();
    const [language, classification, personal, security, text, fingerprint] = await Promise.all([document.resultOf('language'), document.resultOf('classification'), document.resultOf('personal-data'), document.resultOf('security'), document.resultOf('text'), document.resultOf('fingerprint')]);
    const [pages, similar] = await Promise.all([storedEntities(ctx, document.analysisId), similarDocuments(ctx, documentId, fingerprint?.simhash ?? null)]);
    // where nothing is written there is nothing to find in it
    const wordless = text !== null && text.status === 'ok' && text.characters === 0;
    return {
      documentId,
      jobId: document.analysisId,
      language: language?.language ?? null,
      classification: classification === null ? null : { label: classification.label, confidence: classification.confidence },
      privacy: { ...privacyScore(personal, security), notLookedAt: [...(personal === null && !wordless ? ['personal-data'] : []), ...(security === null ? ['security'] : [])] },
      redact: suggestRedactions(pages),
      similar,
    };
  },
});
