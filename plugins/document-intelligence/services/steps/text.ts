import type { JsonObject } from '@proofpix/sdk';
import type { TextResult } from '../../contract.ts';
import { emptyDraft, savedDraft } from '../pipeline/text-draft.ts';
import { readTextLayer } from './text/read-text-layer.ts';
import { recognisePages } from './text/recognise-pages.ts';
import { withWarning } from './text/with-warning.ts';
import type { Step } from './step.ts';

/** The share of the step that reading the text layer takes when pages are recognised after it. */
const layerShare = 0.2;

/** What is written in a document: the text layer first, then what only a picture shows. Stored page by page with `files`. */
export const textStep: Step<'text'> = {
  name: 'text',
  applies: ({ kind }) => kind !== 'audio' && kind !== 'video' && kind !== 'archive',
  async run(ctx, input): Promise<TextResult & JsonObject> {
    const draft = (await savedDraft(ctx, input.document.runId)) ?? emptyDraft();
    if (draft.nextPage !== null) await readTextLayer(ctx, input, draft, (fraction) => input.progress(fraction * layerShare));
    if (draft.toRecognise.length > 0) await recognisePages(ctx, input, draft, (fraction) => input.progress(layerShare + fraction * (1 - layerShare)));
    return draft.result as TextResult & JsonObject;
  },
  async salvage(ctx, { document }) {
    const draft = await savedDraft(ctx, document.runId);
    if (draft === null) return null;
    const warnings = withWarning(draft.result.warnings, 'TEXT_INCOMPLETE', 'Not all pages could be read.');
    return { ...draft.result, truncated: true, warnings } as TextResult & JsonObject;
  },
};
