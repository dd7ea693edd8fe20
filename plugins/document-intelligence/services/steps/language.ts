import { detectLanguage, sampleCharacters } from '../language/detect-language.ts';
import { beginningOf } from './beginning-of.ts';
import type { Step } from './step.ts';

/** Of the beginning: one language a document. */
export const languageStep: Step<'language'> = {
  name: 'language',
  applies: () => true,
  run: async (_ctx, input) => ({ ...detectLanguage(await beginningOf(input.pages(), sampleCharacters)) }),
};
