import type { JsonObject } from '@proofpix/sdk';
import type { IntelligenceContext } from '../../kit.ts';
import type { StepName, StepResults } from '../../contract.ts';

/** The document that a run is about. */
export interface StepDocument {
  fileId: string;
  runId: string;
  filename: string;
  mimeType: string;
  sizeBytes: number;
  sha256: string;
  typeMismatch: boolean;
  kind: 'image' | 'document' | 'text' | 'audio' | 'video' | 'archive' | 'other';
}

export interface TextOfPage {
  page: number;
  text: string;
  source: 'file' | 'ocr';
}

/** What a step is given. Nothing here is kept in memory between steps: each may run on another node. */
export interface StepInput {
  document: StepDocument;
  options: { extractMetadata: boolean; ocr: 'auto' | 'off' | 'force' };
  /** A handle to the content, for services of other plugins; made when first asked for. */
  file(): Promise<string>;
  /** The text so far, in order of pages, at most about a megabyte at a time. */
  pages(): AsyncIterable<TextOfPage>;
  /** What an earlier step found; null when it did not run, or failed. */
  resultOf<K extends StepName>(step: K): Promise<StepResults[K] | null>;
  /** Of this step, 0 to 1; people are told ten times a second at the most. */
  progress(fraction: number): Promise<void>;
}

/** One step of the pipeline: a job of its own, tried again by itself, so its effects have to bear repetition. */
export interface Step<K extends StepName = StepName> {
  name: K;
  /** False: the step is skipped for this document, without a job. */
  applies(document: StepDocument, options: StepInput['options']): boolean;
  run(ctx: IntelligenceContext, input: StepInput): Promise<StepResults[K] & JsonObject>;
  /** What there is when it has failed for good; null: nothing. */
  salvage?(ctx: IntelligenceContext, input: StepInput): Promise<(StepResults[K] & JsonObject) | null>;
}
