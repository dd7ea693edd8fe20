import { isError, NotFound } from '@proofpix/sdk';
import type { IntelligenceContext } from '../../kit.ts';
import type { Analysis } from './analysis.ts';

/**
 * A run, for who may read its file.
 *
 * @throws NOT_FOUND also when the file is gone, lies in the trash or is another tenant's; FORBIDDEN without `files:read`
 */
export async function findAnalysis(ctx: IntelligenceContext, id: string): Promise<Analysis> {
  const analysis = await ctx.db.analyses.get(id);
  if (analysis === null) throw NotFound({ message: 'There is no such job.' });
  try {
    await ctx.services.documents.open({ fileId: analysis.fileId });
  } catch (error) {
    if (isError(error, 'NOT_FOUND')) throw NotFound({ message: 'There is no such job.' });
    throw error;
  }
  return analysis;
}

/** The last completed run of a file; null when there is none. Who asks has been checked before. */
export async function lastAnalysis(ctx: IntelligenceContext, fileId: string): Promise<Analysis | null> {
  const { items } = await ctx.db.analyses.find({ where: { fileId, state: 'completed' }, orderBy: [['createdAt', 'desc']], limit: 1 });
  return items[0] ?? null;
}
