import { defineError } from '@proofpix/sdk';

/** 404: nobody of this id whom the caller may know of. */
export const NoSuchUser = defineError({ code: 'NOT_FOUND', kind: 'not-found', message: 'There is no such user.' });
/** 409: the export is not there yet, or failed. */
export const ExportNotReady = defineError({ code: 'EXPORT_NOT_READY', kind: 'conflict', message: 'The export is not ready.' });
