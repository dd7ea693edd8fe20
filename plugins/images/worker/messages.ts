/** What the HEIC thread is asked, one picture at a time. */
export interface Request {
  /** A whole file. */
  content: Uint8Array<ArrayBuffer>;
  maxPixels: number;
}

/** `data` is RGBA, moved and not copied. */
export type Answer = { ok: true; width: number; height: number; data: Uint8Array<ArrayBuffer> } | { ok: false; tooLarge: boolean; message: string };
