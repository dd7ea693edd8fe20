import { reply, ValidationError } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { BulkUploadResult, maxUploadBytes, optionsOf, UploadFields } from '../schemas.ts';
import { documentView } from '../services/find-document.ts';
import { storeUploads, type Outcome } from '../services/store-uploads.ts';

/** The most that one form may have. */
const maxFiles = 5000;
/** Stored in one transaction, which has 10 s. */
const batch = 50;
/** Left for the last batch and the reply, so that the client learns what became of its files. */
const reserveMs = 12_000;

const outOfTime: Outcome = { error: { code: 'DEADLINE_EXCEEDED', message: 'There was no time left for this file. Send it again.' } };

export const bulkUpload = route({
  name: 'bulkUpload',
  method: 'POST',
  path: '/api/files/bulk-upload',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Upload up to 5,000 files in one form, with a result for each: 201 when all are stored, else 207',
  body: { multipart: { fields: UploadFields, maxFiles, maxBytes: maxUploadBytes, oversized: 'report' } },
  status: 201,
  response: BulkUploadResult,
  timeoutMs: 300_000,
  async handler(ctx, { body, files }) {
    if (files.length === 0) throw ValidationError({ message: 'Send at least one file.', details: { field: 'files', issue: 'at least one file is required' } });
    const outcomes: Outcome[] = [];
    for (let at = 0; at < files.length; at += batch) {
      const next = files.slice(at, at + batch);
      outcomes.push(...(ctx.deadline - ctx.clock.now() < reserveMs ? next.map(() => outOfTime) : await storeUploads(ctx, next, optionsOf(body))));
    }
    const items = outcomes.map((outcome, position) => ({
      position,
      filename: files[position]?.filename ?? '',
      file: 'document' in outcome ? documentView(outcome.document) : null,
      error: 'error' in outcome ? outcome.error : null,
    }));
    const failed = items.filter(({ error }) => error !== null).length;
    return reply({ status: failed === 0 ? 201 : 207, json: { total: items.length, succeeded: items.length - failed, failed, items } });
  },
});
