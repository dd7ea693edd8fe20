import { classify } from '../classification/classify.ts';
import { documentFacts } from '../classification/document-facts.ts';
import { examplesOf } from '../classification/examples.ts';
import { readCharacters } from '../classification/facts.ts';
import { beginningOf } from './beginning-of.ts';
import type { Step } from './step.ts';

/** By the beginning of the text, the file, its picture, and what people said of similar ones. */
export const classificationStep: Step<'classification'> = {
  name: 'classification',
  applies: () => true,
  async run(ctx, input) {
    const [metadata, text, examples] = await Promise.all([input.resultOf('metadata'), input.resultOf('text'), examplesOf(ctx)]);
    const beginning = text === null || text.characters === 0 ? '' : await beginningOf(input.pages(), readCharacters);
    return { ...classify(documentFacts(input.document, beginning, text?.pageCount ?? null, metadata), examples) };
  },
};
