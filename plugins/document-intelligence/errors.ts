import { defineError, isError, toWireError } from '@proofpix/sdk';

/*
 * The first three end a run at once: the same bytes would fail again. Their codes and messages
 * reach users as the document's error.
 */
export const EmptyFile = defineError({ code: 'EMPTY_FILE', kind: 'invalid', message: 'The file is empty.' });
export const UnreadableImage = defineError({ code: 'UNREADABLE_IMAGE', kind: 'invalid', message: 'The image is damaged, or is not the kind of file it claims to be.' });
export const IncompleteContent = defineError({ code: 'INCOMPLETE_CONTENT', kind: 'invalid', message: 'The stored content is shorter than it should be.' });

/** What a user sees after the last retry of anything else. */
export const ProcessingFailed = defineError({ code: 'PROCESSING_FAILED', kind: 'internal', message: 'The file could not be processed. It may be tried again.' });

/** A step took longer than it may; the rest of the document goes on without it. */
export const StepTimedOut = defineError({ code: 'STEP_TIMED_OUT', kind: 'unavailable', message: 'The step took longer than it may.' });

/** There is no finished analysis of the document as it is now; `POST /api/document-intelligence/analyze` makes one. */
export const NotAnalysed = defineError({ code: 'NOT_ANALYSED', kind: 'conflict', message: 'The document has not been analysed yet.' });

/** Too little text is known of the document for others to be compared with it. */
export const NothingToLearn = defineError({ code: 'NOTHING_TO_LEARN', kind: 'conflict', message: 'The document has too little text to learn from.' });

/** No redacted copy can be made; `details.reason` says why. */
export const NotRedactable = defineError({ code: 'NOT_REDACTABLE', kind: 'conflict', message: 'The document cannot be redacted.' });

/** What is to restore a text was changed, or is another team's. */
export const NothingToRestore = defineError({ code: 'NOTHING_TO_RESTORE', kind: 'invalid', message: 'The text cannot be restored with this.' });

const permanent = new Set([EmptyFile.code, UnreadableImage.code, IncompleteContent.code]);

export function isPermanent(error: unknown): error is { code: string; message: string } {
  return typeof error === 'object' && error !== null && permanent.has(String((error as { code?: unknown }).code));
}

/** The plugin that would be needed is not enabled for the tenant, or lacks the service. */
export function isMissingPlugin(error: unknown): boolean {
  return (isError(error, 'UNAVAILABLE') || isError(error, 'NOT_FOUND')) && toWireError(error).details?.['dependency'] !== undefined;
}

/** What may go better next time; the same request with the same bytes would not. */
export function isPassing(error: unknown): boolean {
  return ['internal', 'unavailable', 'limited'].includes(toWireError(error).kind);
}
