import { hookPoints, type AddedEntity, type RecogniseHook } from '../../contract.ts';
import type { IntelligenceContext } from '../../kit.ts';
import { findInSlices, type SliceQuery } from './in-slices.ts';
import { resolveOverlaps } from './resolve-overlaps.ts';
import type { FoundSpan } from './span.ts';

/** What a type looks like, so that counts and lists can be read. */
const typeName = /^[a-z][a-z0-9-]{0,59}$/;

/** What another plugin said it found, if it stands in the text at all; the text is taken from the page, never from the plugin. */
function admitted({ type, start, end, score, validator, context }: AddedEntity, text: string): FoundSpan[] {
  if (!typeName.test(type) || end <= start || end > text.length) return [];
  return [{ type, start, end, text: text.slice(start, end), score, validator: validator ?? 'plugin', context: context ?? null }];
}

/** What other plugins find on the page; nothing when they fail, refuse or are late. */
async function foundByOthers(ctx: IntelligenceContext, asked: RecogniseHook): Promise<FoundSpan[]> {
  try {
    const { entities } = await ctx.hooks.run<RecogniseHook>(hookPoints.recognise, asked);
    return entities.flatMap((entity) => admitted(entity, asked.text));
  } catch (error) {
    ctx.log.warn('A plugin could not recognise anything on a page.', { code: String((error as { code?: unknown }).code ?? 'UNKNOWN') });
    return [];
  }
}

/** Entities of one page, with those of the tenant's recognisers and of other plugins. */
export async function entitiesOfPage(ctx: IntelligenceContext, page: { documentId: string | null; page: number; language: string | null; text: string }, query: SliceQuery): Promise<FoundSpan[]> {
  const own = await findInSlices(page.text, query);
  const others = await foundByOthers(ctx, { ...page, entities: [] });
  return others.length === 0 ? own : resolveOverlaps([...own, ...others], page.text.length);
}
