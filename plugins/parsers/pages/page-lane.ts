import { createLane, type Lane } from '../lanes/lane.ts';
import { createProcessSeat } from '../lanes/process-seat.ts';
import type { PageAnswer, PageRequest } from './messages.ts';

/** A picture of a page holds all its pixels; more than one at a time would be too much for small machines. */
export const pageLane: Lane<PageRequest, PageAnswer> = createLane({
  start: () => createProcessSeat<PageRequest, PageAnswer>({ entry: new URL('page-process.ts', import.meta.url), maxHeapMb: 384, maxResidentBytes: 1_342_177_280 }),
  timeoutMs: 28_000,
  idleMs: 30_000,
  maxWaiting: 64,
});

export const maxPdfBytes = 134_217_728;
