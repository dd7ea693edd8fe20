import type { TextOfPage } from './step.ts';

/** The first characters of a document, pages parted by a line break; reads no more pages than needed. */
export async function beginningOf(pages: AsyncIterable<TextOfPage>, characters: number): Promise<string> {
  let text = '';
  for await (const page of pages) {
    text += text === '' ? page.text.slice(0, characters) : `\n${page.text.slice(0, characters)}`;
    if (text.length >= characters) break;
  }
  return text.slice(0, characters);
}
