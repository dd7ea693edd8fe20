import type { ParseStatus, Warning } from '../contract.ts';
import type { Finding } from './findings.ts';

/** What the structure thread is asked. `content` moves to it. */
export interface StructureRequest {
  content: Uint8Array<ArrayBuffer>;
  mimeType: string;
  filename: string;
}

export interface StructureAnswer {
  status: ParseStatus;
  findings: Finding[];
  warnings: Warning[];
  leftOut: number;
}
