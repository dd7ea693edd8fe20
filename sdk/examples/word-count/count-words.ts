/** Letters and digits of any script, held together by apostrophes and hyphens. */
const word = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;

/** Words of a text, linear in its length. Scripts that write no spaces count as one word a run. */
export function countWords(text: string): number {
  return text.match(word)?.length ?? 0;
}
