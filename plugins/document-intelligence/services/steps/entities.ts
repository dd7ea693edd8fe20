import type { IntelligenceContext } from '../../kit.ts';
import { countTypes } from '../entities/in-slices.ts';
import { entitiesOfPage } from '../entities/page-entities.ts';
import type { FoundSpan } from '../entities/span.ts';
import { tenantRecogniser } from '../recognisers/apply.ts';
import type { Step } from './step.ts';

const mostKept = 5000;
const batchPages = 50;
/** The hook's limit; a page is shorter as a rule. */
const mostCharacters = 262_144;

interface PageRecord {
  analysisId: string;
  fileId: string;
  page: number;
  found: Record<string, unknown>[];
}

/** Collects records of pages and writes them some at a time. */
function pageWriter(ctx: IntelligenceContext) {
  let waiting: PageRecord[] = [];
  async function flush(): Promise<void> {
    if (waiting.length > 0) await ctx.db.entities.insertMany(waiting);
    waiting = [];
  }
  return {
    flush,
    async add(record: PageRecord): Promise<void> {
      waiting.push(record);
      if (waiting.length >= batchPages) await flush();
    },
  };
}

/** Over all pages; what an earlier try of this run wrote is written anew. */
export const entitiesStep: Step<'entities'> = {
  name: 'entities',
  applies: () => true,
  async run(ctx, input) {
    const { fileId, runId: analysisId } = input.document;
    await ctx.db.entities.delete({ analysisId });
    const language = (await input.resultOf('language'))?.language ?? null;
    const pageCount = Math.max(1, (await input.resultOf('text'))?.pageCount ?? 1);
    const extra = await tenantRecogniser(ctx);
    const writer = pageWriter(ctx);
    const counts: Record<string, number> = {};
    let kept = 0;
    let total = 0;
    for await (const { page, text } of input.pages()) {
      const asked = { documentId: fileId, page, language, text: text.slice(0, mostCharacters) };
      const spans: FoundSpan[] = asked.text.trim() === '' ? [] : await entitiesOfPage(ctx, asked, extra === null ? {} : { extra: extra.recognise });
      for (const [type, count] of Object.entries(countTypes(spans))) counts[type] = (counts[type] ?? 0) + count;
      total += spans.length;
      const found = spans.slice(0, mostKept - kept).map((span) => ({ ...span }));
      kept += found.length;
      if (found.length > 0) await writer.add({ analysisId, fileId, page, found });
      await input.progress(page / pageCount);
    }
    await writer.flush();
    return { counts, kept, truncated: total > kept };
  },
};
