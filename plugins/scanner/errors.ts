import { defineError } from '@proofpix/sdk';

/** A scanner is configured and does not answer, or not as one; trying again may help. */
export const ScannerUnavailable = defineError({ code: 'SCANNER_UNAVAILABLE', kind: 'unavailable', message: 'The malware scanner does not answer. Try again soon.' });
