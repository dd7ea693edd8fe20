import type { TextResult } from '../../contract.ts';
import type { IntelligenceContext } from '../../kit.ts';

/** How far the text step has come: kept with the run, so that no page is recognised twice. */
export interface TextDraft {
  result: TextResult;
  /** Where the text layer goes on; null when it is stored to its end. */
  nextPage: number | null;
  /** Pages still to be recognised, in order. */
  toRecognise: number[];
  /** Over all recognised pages, for the mean. */
  confidenceSum: number;
  /** How often a page was not recognised in time. */
  late: Record<string, number>;
}

export const emptyDraft = (): TextDraft => ({
  result: { status: 'ok', pageCount: 0, characters: 0, ocrPages: 0, ocrConfidence: null, truncated: false, attachments: [], warnings: [] },
  nextPage: 1,
  toRecognise: [],
  confidenceSum: 0,
  late: {},
});

/** The draft of an earlier try; null before the first page was stored. */
export async function savedDraft(ctx: IntelligenceContext, runId: string): Promise<TextDraft | null> {
  return ((await ctx.db.analyses.get(runId))?.draft ?? null) as TextDraft | null;
}

/** After the pages that it speaks of are stored: what a crash in between repeats is harmless. */
export async function saveDraft(ctx: IntelligenceContext, runId: string, draft: TextDraft): Promise<void> {
  await ctx.db.analyses.update({ id: runId, state: 'running' }, { draft: { ...draft } });
}
