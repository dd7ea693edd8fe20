import { defineError } from '@proofpix/sdk';

/** The run that a processor works for has ended, or another one replaced it. */
export const RunNotActive = defineError({ code: 'RUN_NOT_ACTIVE', kind: 'conflict', message: 'This processing run is over.' });
