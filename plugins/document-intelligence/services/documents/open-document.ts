import type { StepName, StepResults } from '../../contract.ts';
import type { IntelligenceContext } from '../../kit.ts';

/** A stored document that the caller may read, with what the last completed run found. */
export interface OpenedDocument {
  fileId: string;
  filename: string;
  mimeType: string;
  sizeBytes: number;
  sha256: string;
  /** For `ctx.files` and services, for an hour. */
  handle: string;
  /** The last completed run over this very content; null when there is none. */
  analysisId: string | null;
  resultOf<K extends StepName>(step: K): Promise<StepResults[K] | null>;
  /** The text, in order of pages, about a megabyte at a time. */
  pages(): AsyncIterable<{ page: number; text: string; source: 'file' | 'ocr' }>;
}

/**
 * `files` decides whether the caller may see the document.
 *
 * @throws NOT_FOUND (also in the trash, and of another tenant), FORBIDDEN without `files:read`
 */
export async function openDocument(ctx: IntelligenceContext, fileId: string): Promise<OpenedDocument> {
  const { filename, mimeType, sizeBytes, sha256, handle } = await ctx.services.documents.open({ fileId });
  const { items } = await ctx.db.analyses.find({ where: { fileId, sha256, state: 'completed' }, orderBy: [['createdAt', 'desc']], limit: 1 });
  const analysisId = items[0]?.id ?? null;
  async function* pages() {
    for (let next: number | null = 1; next !== null; ) {
      const read: Awaited<ReturnType<typeof ctx.services.texts.read>> = await ctx.services.texts.read({ fileId, firstPage: next });
      yield* read.pages;
      next = read.nextPage;
    }
  }
  return {
    fileId,
    filename,
    mimeType,
    sizeBytes,
    sha256,
    handle,
    analysisId,
    pages,
    async resultOf<K extends StepName>(step: K) {
      if (analysisId === null) return null;
      const record = await ctx.db.steps.findOne({ analysisId, name: step, state: 'completed' });
      return (record?.result ?? null) as StepResults[K] | null;
    },
  };
}
