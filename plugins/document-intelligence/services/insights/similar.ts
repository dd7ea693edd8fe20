import type { IntelligenceContext } from '../../kit.ts';
import { isError } from '@proofpix/sdk';
import { bandsOf, hammingDistance } from './simhash.ts';

/** Bits of 64 in which similar documents may differ. */
const mostBits = 12;
const mostSimilar = 10;
/** Looked at by their fingerprints; asked for at `files`. */
const mostCandidates = 1000;
const mostAsked = 30;

export interface SimilarDocument {
  documentId: string;
  filename: string;
  /** 1 for the same text, 0.81 at the edge. */
  similarity: number;
}

/**
 * Documents whose text is nearly the same, the nearest first: those of the newest thousand with at least one band of
 * 16 bits in common, which finds all that differ in up to three bits and most that differ in more. Only such as the
 * caller may see and that are not in the trash.
 *
 * @param simhash of the document itself; null without enough text
 */
export async function similarDocuments(ctx: IntelligenceContext, fileId: string, simhash: string | null): Promise<SimilarDocument[]> {
  if (simhash === null) return [];
  const { band0, band1, band2, band3 } = bandsOf(simhash);
  const { items } = await ctx.db.fingerprints.find({ where: { fileId: { $ne: fileId }, $or: [{ band0 }, { band1 }, { band2 }, { band3 }] }, orderBy: [['id', 'desc']], limit: mostCandidates });
  const near = items
    .map((other) => ({ fileId: other.fileId, bits: hammingDistance(simhash, other.simhash) }))
    .filter(({ bits }) => bits <= mostBits)
    .toSorted((a, b) => a.bits - b.bits)
    .slice(0, mostAsked);
  const similar: SimilarDocument[] = [];
  for (const { fileId: documentId, bits } of near) {
    if (similar.length >= mostSimilar) break;
    try {
      const { filename } = await ctx.services.documents.open({ fileId: documentId });
      similar.push({ documentId, filename, similarity: Math.round((1 - bits / 64) * 1000) / 1000 });
    } catch (error) {
      // gone, in the trash, in quarantine, or not for this caller's eyes
      if (!isError(error, 'NOT_FOUND') && !isError(error, 'FORBIDDEN') && !isError(error, 'FILE_QUARANTINED')) throw error;
    }
  }
  return similar;
}
