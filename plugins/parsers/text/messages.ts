import type { TextReport } from '../contract.ts';

/** What the text process is asked. */
export interface TextRequest {
  content: Uint8Array<ArrayBuffer>;
  mimeType: string;
  filename: string;
  firstPage: number;
  maxPages: number;
  maxCharacters: number;
  /** What is not read within it is left out; the process is killed some seconds later. */
  softTimeoutMs: number;
}

export type TextAnswer = TextReport;
