/** What the process for pictures of pages is asked. */
export type PageRequest =
  | { kind: 'render'; content: Uint8Array; page: number; maxEdge: number }
  | { kind: 'redact'; content: Uint8Array; spans: readonly Span[]; areas: readonly Area[]; timeoutMs: number };

/** Offsets into the text of a page. */
export interface Span {
  page: number;
  start: number;
  end: number;
}

/** In points of the page as it is seen, from its top left corner; or in pixels of a picture of this size. */
export interface Area {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
  of?: { width: number; height: number };
}

export interface RenderedPage {
  kind: 'page';
  png: Uint8Array;
  width: number;
  height: number;
  pageCount: number;
}

export interface RedactedFile {
  kind: 'file';
  content: Uint8Array;
  redactedPages: number[];
}

/** `no-page`: there is none of this number. `no-span`: a span or an area lies outside of what is there. */
export type PageProblem = { kind: 'problem'; problem: 'encrypted' | 'damaged' | 'no-page' | 'no-span' | 'too-large'; message: string };

export type PageAnswer = RenderedPage | RedactedFile | PageProblem;
