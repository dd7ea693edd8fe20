import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { createByteBudget } from '../services/byte-budget.ts';
import { createDocumentExtractor, maxBufferedBytes } from '../services/extract-document.ts';
import { createMetadataLane } from '../services/metadata-lane.ts';
import { createExtractionRunner } from '../services/run-extraction.ts';

const retryLimit = 3;

// One of each per process, whatever the number of tenants: this is what bounds its memory.
const budget = createByteBudget({ totalBytes: 2 * maxBufferedBytes, maxWaiting: 256, waitMs: 60_000 });
const extractDocument = createDocumentExtractor({ lane: createMetadataLane(), budget });

export const extract = job('extract', {
  schema: Type.Object({ runId: Type.String({ format: 'uuid' }), fileId: Type.String({ format: 'uuid' }) }),
  retryLimit,
  retryDelaySeconds: 5,
  timeoutMs: 180_000,
  handler: createExtractionRunner({ extractDocument, retryLimit }),
});
