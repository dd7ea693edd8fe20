import type { ParseStatus } from '../contract.ts';

/** A document to be written anew; `content` moves to the thread. */
export interface StripRequest {
  kind: 'pdf' | 'zip';
  content: Uint8Array<ArrayBuffer>;
}

export type StripAnswer = { ok: true; content: Uint8Array<ArrayBuffer>; removed: string[] } | { ok: false; status: ParseStatus; message: string };
