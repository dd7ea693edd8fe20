import type { Place } from '@proofpix/plugin-files/contract';
import type { Camera, Capture, Description, Exposure, Gps } from '../contract.ts';

/** What the metadata thread is asked, one request at a time. */
export type Request =
  | {
      kind: 'read-tags';
      /** A whole file, or a bare block of EXIF; moved to the thread, not copied. */
      content: Uint8Array<ArrayBuffer> | null;
      /** A packet of XMP. */
      xmp: Uint8Array<ArrayBuffer> | null;
    }
  | { kind: 'find-place'; latitude: number; longitude: number };

export interface TagReport {
  capture: Capture | null;
  camera: Camera | null;
  exposure: Exposure | null;
  description: Description | null;
  gps: Gps | null;
  /** Tags by section, plain JSON. */
  tags: Record<string, Record<string, unknown>>;
  warnings: { code: string; message: string }[];
}

export type Answer = { ok: true; value: TagReport | Place | null } | { ok: false; message: string };
