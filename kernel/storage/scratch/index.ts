export { type Scratch, type ScratchReader, uploadName } from './contract.ts';
export type { ScratchLimits } from './accounts.ts';
export { openScratch, type ScratchOptions } from './open-scratch.ts';
