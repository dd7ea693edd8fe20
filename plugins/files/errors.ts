import { defineError } from '@proofpix/sdk';

/** The run that a processor works for has ended, or another one replaced it. */
export const RunNotActive = defineError({ code: 'RUN_NOT_ACTIVE', kind: 'conflict', message: 'This processing run is over.' });

/** A file has as many links as it may have; `details.maxActive`. */
export const TooManyShares = defineError({ code: 'TOO_MANY_SHARES', kind: 'conflict', message: 'The file has too many links; revoke some first.' });

/** Case does not count, and neither does how a letter is composed. */
export const FolderExists = defineError({ code: 'FOLDER_EXISTS', kind: 'conflict', message: 'There is a folder of this name already.' });

/** Without `recursive`, only an empty folder is deleted. */
export const FolderNotEmpty = defineError({ code: 'FOLDER_NOT_EMPTY', kind: 'conflict', message: 'The folder is not empty.' });

/** A folder cannot lie in itself or below. */
export const FolderCycle = defineError({ code: 'FOLDER_CYCLE', kind: 'conflict', message: 'A folder cannot be moved into itself or below.' });

/** `details.maxDepth`. */
export const FolderTooDeep = defineError({ code: 'FOLDER_TOO_DEEP', kind: 'conflict', message: 'Folders would be nested too deep.' });

/** `details.maxFolders`, of one team. */
export const TooManyFolders = defineError({ code: 'TOO_MANY_FOLDERS', kind: 'conflict', message: 'There are as many folders as there may be.' });

/** In these words for a wrong password as for none. */
export const SharePasswordRequired = defineError({ code: 'SHARE_PASSWORD_REQUIRED', kind: 'unauthenticated', message: 'This link needs its password.' });

/** Its content waits for the malware scanner, or did not pass; `details.state`. */
export const FileQuarantined = defineError({ code: 'FILE_QUARANTINED', kind: 'conflict', message: 'The file is locked until a malware scanner has passed it.' });

/** Neither a picture nor a PDF, or one that cannot be drawn. */
export const ThumbnailUnavailable = defineError({ code: 'THUMBNAIL_UNAVAILABLE', kind: 'not-found', message: 'There is no thumbnail of this file.' });

/** Another request for this upload came first, or the client is somewhere else; `details.offset`. */
export const WrongOffset = defineError({ code: 'WRONG_OFFSET', kind: 'conflict', message: 'The upload goes on at another offset.' });

/** `details.maxOpen`, of one team. */
export const TooManyUploads = defineError({ code: 'TOO_MANY_UPLOADS', kind: 'limited', message: 'Too many uploads are under way; finish or end some first.' });

/** `details.maxParts`, of one upload. */
export const TooManyParts = defineError({ code: 'TOO_MANY_PARTS', kind: 'conflict', message: 'The upload came in too many parts; begin anew with larger ones.' });
