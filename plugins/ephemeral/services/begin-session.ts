import type { UploadedFile } from '@proofpix/sdk';
import { stepNames, type EphemeralResults, type StepName } from '../contract.ts';
import type { EphemeralContext } from '../kit.ts';
import type { Options } from '../schemas.ts';
import { writeSealed } from './sealed-json.ts';
import type { SessionRecord } from './session-view.ts';

const defaultTtlSeconds = 900;

/** What the work needs to know and nobody else may: sealed in the session, not in the job. */
export interface Facts {
  file: EphemeralResults['file'];
  steps: StepName[];
  ocr: 'auto' | 'off';
}

/** Takes an uploaded file into a session of its own and has it processed. @throws QUOTA_EXCEEDED, UNAVAILABLE, having left nothing */
export async function beginSession(ctx: EphemeralContext, upload: UploadedFile, options: Options, batchId: string | null): Promise<SessionRecord> {
  const { id: scratchId, expiresAt } = await ctx.scratch.keep(upload.handle, { ttlSeconds: options.ttlSeconds ?? defaultTtlSeconds });
  try {
    const { filename, mimeType, sizeBytes, sha256 } = upload;
    const facts: Facts = { file: { filename, mimeType, sizeBytes, sha256 }, steps: options.steps ?? [...stepNames], ocr: options.ocr ?? 'auto' };
    await writeSealed(ctx, scratchId, 'facts', facts);
    const record = await ctx.db.sessions.insert({ ownerId: ctx.auth.principal.userId, scratchId, batchId, state: 'queued', progress: 0, errorCode: null, expiresAt, finishedAt: null });
    try {
      await ctx.scratch.run(scratchId, 'process', { sessionId: record.id });
    } catch (error) {
      await ctx.db.sessions.delete(record.id);
      throw error;
    }
    return record;
  } catch (error) {
    await ctx.scratch.end(scratchId);
    throw error;
  }
}
