import { defineError } from '@proofpix/sdk';

/** The run that a processor works for has ended, or another one replaced it. */
export const RunNotActive = defineError({ code: 'RUN_NOT_ACTIVE', kind: 'conflict', message: 'This processing run is over.' });

/** A file has as many links as it may have; `details.maxActive`. */
export const TooManyShares = defineError({ code: 'TOO_MANY_SHARES', kind: 'conflict', message: 'The file has too many links; revoke some first.' });
