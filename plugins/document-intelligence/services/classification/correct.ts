import type { IntelligenceContext } from '../../kit.ts';
import { openDocument } from '../documents/open-document.ts';
import { beginningOf } from '../steps/beginning-of.ts';
import { NothingToLearn } from '../../errors.ts';
import { readCharacters } from './facts.ts';
import { featuresOf } from './features.ts';

/** Below that two documents look alike for no reason. */
const fewestWords = 5;

/**
 * Remembers what a document is, for this and similar ones; a second correction of the same document replaces the first.
 *
 * @throws NOT_FOUND, FORBIDDEN, NOTHING_TO_LEARN: hardly any text is known of it
 */
export async function correct(ctx: IntelligenceContext, documentId: string, label: string): Promise<{ id: string; documentId: string; label: string }> {
  const document = await openDocument(ctx, documentId);
  const features = featuresOf(await beginningOf(document.pages(), readCharacters));
  if (Object.keys(features).length < fewestWords) throw NothingToLearn();
  return await ctx.db.transaction(async (tx) => {
    await tx.db.corrections.delete({ fileId: documentId });
    const { id } = await tx.db.corrections.insert({ fileId: documentId, label, features, userId: ctx.auth.principal.userId });
    return { id, documentId, label };
  });
}
