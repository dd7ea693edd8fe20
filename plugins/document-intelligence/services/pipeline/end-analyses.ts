import type { IntelligenceContext } from '../../kit.ts';
import { unfinished } from './analysis.ts';

/** Of one sweep; the next one takes the rest. */
const batch = 200;

/** Calls a run off; its job is stopped where it stands, on whichever node. Harmless for one that is over. */
export async function cancelAnalysis(ctx: IntelligenceContext, id: string): Promise<boolean> {
  const analysis = await ctx.db.analyses.get(id);
  if (analysis === null) return false;
  const changed = await ctx.db.analyses.update({ id, state: { $in: unfinished } }, { state: 'cancelled', finishedAt: ctx.clock.date().toISOString(), draft: null });
  if (changed > 0 && analysis.jobId !== null) await ctx.jobs.cancel(analysis.jobId);
  return changed > 0;
}

/** Everything that was found out about these files, or all; runs under way are called off first. */
export async function dropAnalyses(ctx: IntelligenceContext, of: { fileId?: string }): Promise<void> {
  for (;;) {
    const { items } = await ctx.db.analyses.find({ where: { ...of, state: { $in: unfinished } }, limit: batch });
    for (const { id } of items) await cancelAnalysis(ctx, id);
    if (items.length < batch) break;
  }
  await ctx.db.entities.delete(of);
  await ctx.db.steps.delete(of);
  await ctx.db.fingerprints.delete(of);
  await ctx.db.corrections.delete(of);
  await ctx.db.analyses.delete(of);
}
