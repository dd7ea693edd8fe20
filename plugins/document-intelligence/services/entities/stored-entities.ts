import type { IntelligenceContext } from '../../kit.ts';
import type { FoundSpan } from './span.ts';

/** Entities of one page, as the entities step kept them. */
export interface PageEntities {
  page: number;
  found: FoundSpan[];
}

/** Of one run, in order of pages. The step keeps at most 5,000, so this is bounded too. */
export async function storedEntities(ctx: IntelligenceContext, analysisId: string): Promise<PageEntities[]> {
  const pages: PageEntities[] = [];
  let cursor: string | null = null;
  do {
    const read: Awaited<ReturnType<typeof ctx.db.entities.find>> = await ctx.db.entities.find({ where: { analysisId }, orderBy: [['page', 'asc']], limit: 200, cursor });
    for (const { page, found } of read.items) pages.push({ page, found: found as unknown as FoundSpan[] });
    cursor = read.nextCursor;
  } while (cursor !== null);
  return pages;
}
