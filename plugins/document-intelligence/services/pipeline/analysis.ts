import type { Static } from '@proofpix/sdk';
import type { Stored } from '@proofpix/sdk';
import type { ProcessingStarted } from '@proofpix/plugin-files/contract';
import type { collections } from '../../collections.ts';
import type { StepDocument } from '../steps/step.ts';
import { contentKind } from '../content-kind.ts';

export type Analysis = Stored<Static<(typeof collections)['analyses']['schema']>>;
export type StepRecord = Stored<Static<(typeof collections)['steps']['schema']>>;

/** States of a run that is not over. */
export const unfinished = ['queued', 'running'] as const;

export function documentOf(analysis: Omit<Analysis, 'createdAt' | 'updatedAt'>): StepDocument {
  const { id, fileId, filename, mimeType, sizeBytes, sha256, typeMismatch } = analysis;
  return { fileId, runId: id, filename, mimeType, sizeBytes, sha256, typeMismatch, kind: contentKind(mimeType) };
}

/** What every report names. */
export const runOf = ({ id, fileId }: Pick<Analysis, 'id' | 'fileId'>): ProcessingStarted => ({ documentId: fileId, fileId, runId: id });
