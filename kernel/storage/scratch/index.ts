export { type Scratch, type ScratchReader, uploadName } from './contract.ts';
export { openScratch, type ScratchLimits, type ScratchOptions } from './open-scratch.ts';
