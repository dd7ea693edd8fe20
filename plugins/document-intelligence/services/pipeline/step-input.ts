import type { StepName, StepResults } from '../../contract.ts';
import type { IntelligenceContext } from '../../kit.ts';
import type { StepInput, TextOfPage } from '../steps/step.ts';
import { documentOf, type Analysis } from './analysis.ts';

async function* pagesOf(ctx: IntelligenceContext, { id: runId, fileId }: Analysis): AsyncGenerator<TextOfPage> {
  for (let next: number | null = 1; next !== null; ) {
    const read: { pages: TextOfPage[]; nextPage: number | null } = await ctx.services.texts.read({ fileId, runId, firstPage: next });
    yield* read.pages;
    next = read.nextPage;
  }
}

/**
 * What a step is given, over the records and services of the run.
 *
 * @param opened a handle to the content that is there already
 */
export function stepInput(ctx: IntelligenceContext, analysis: Analysis, opened: string | null, progress: StepInput['progress']): StepInput {
  let handle: Promise<string> | null = opened === null ? null : Promise.resolve(opened);
  return {
    document: documentOf(analysis),
    options: analysis.options,
    file: () => (handle ??= ctx.services.documents.open({ fileId: analysis.fileId, runId: analysis.id }).then((file) => file.handle)),
    pages: () => pagesOf(ctx, analysis),
    async resultOf<K extends StepName>(step: K) {
      const record = await ctx.db.steps.findOne({ analysisId: analysis.id, name: step, state: 'completed' });
      return (record?.result ?? null) as StepResults[K] | null;
    },
    progress,
  };
}
