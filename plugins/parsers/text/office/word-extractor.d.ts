/** The part of the package that is used; it has no types of its own. */
declare module 'word-extractor' {
  interface WordText {
    getBody(): string;
    getFootnotes(): string;
    getEndnotes(): string;
    getHeaders(): string;
    getFooters(): string;
    getAnnotations(): string;
    getTextboxes(): string;
  }
  export default class WordExtractor {
    extract(content: Buffer): Promise<WordText>;
  }
}
