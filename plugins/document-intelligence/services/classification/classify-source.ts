import type { ClassificationResult } from '../../contract.ts';
import type { IntelligenceContext } from '../../kit.ts';
import { openDocument } from '../documents/open-document.ts';
import { beginningOf } from '../steps/beginning-of.ts';
import { classify } from './classify.ts';
import { documentFacts } from './document-facts.ts';
import { examplesOf } from './examples.ts';
import { readCharacters } from './facts.ts';

/** A text as it is given, with what is known of the file it is from. */
export interface GivenText {
  text: string;
  filename?: string | undefined;
  mimeType?: string | undefined;
}

/** @throws NOT_FOUND, FORBIDDEN */
export async function classifyDocument(ctx: IntelligenceContext, documentId: string): Promise<ClassificationResult> {
  const document = await openDocument(ctx, documentId);
  const [beginning, metadata, text, examples] = await Promise.all([beginningOf(document.pages(), readCharacters), document.resultOf('metadata'), document.resultOf('text'), examplesOf(ctx)]);
  return classify(documentFacts(document, beginning, text?.pageCount ?? null, metadata), examples);
}

export async function classifyText(ctx: IntelligenceContext, { text, filename, mimeType }: GivenText): Promise<ClassificationResult> {
  return classify({ text, filename: filename ?? null, mimeType: mimeType ?? null, pageCount: null, image: null }, await examplesOf(ctx));
}
