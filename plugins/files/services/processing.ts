import { filesProcessing } from '../contract.ts';
import { provide } from '../kit.ts';
import { cancelRun } from './cancel-run.ts';
import { findDocument } from './find-document.ts';
import { startRun } from './start-run.ts';

export const processing = provide(filesProcessing, {
  async start(ctx, { fileId, replace, options }) {
    await ctx.auth.require('files:write');
    const { activeRunId } = await startRun(ctx, fileId, { replace, options });
    return { runId: activeRunId as string };
  },
  async cancel(ctx, { fileId, runId }) {
    await ctx.auth.require('files:write');
    await findDocument(ctx, fileId);
    return { cancelled: await cancelRun(ctx, fileId, runId) };
  },
});
