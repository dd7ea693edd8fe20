import { stepNames, type StepName } from '../../contract.ts';
import type { IntelligenceContext } from '../../kit.ts';
import { runOf, type Analysis } from './analysis.ts';

/** Of two reports on one document, so that nobody gets more than ten a second. */
export const reportGapMs = 125;

/** Shares of the whole, by what a step takes as a rule: recognising text takes longest. */
const weights: Readonly<Record<StepName, number>> = { metadata: 2, text: 10, language: 1, classification: 1, entities: 2, 'personal-data': 1, security: 2, fingerprint: 1 };
const whole = stepNames.reduce((sum, name) => sum + weights[name], 0);

/** How much of a run is done, 0 to 1, when `fraction` of this step is. Steps that are left out count as done. */
export function progressAt(step: StepName, fraction: number): number {
  let before = 0;
  for (const name of stepNames) {
    if (name === step) break;
    before += weights[name];
  }
  const share = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  return Math.round(((before + weights[step] * share) / whole) * 1000) / 1000;
}

export interface ProgressWatch {
  /** Tells who looks on, unless they have just been told, or it would be a step back. */
  report(fraction: number): Promise<void>;
  /** Whether another report may follow now. */
  due(): boolean;
}

/** @param from what was told before a crash, 0 to 1 */
export function watchProgress(ctx: IntelligenceContext, analysis: Analysis, step: StepName, from: number): ProgressWatch {
  let toldAt = Date.parse(analysis.updatedAt);
  let told = Math.max(from, progressAt(step, 0));
  const due = () => Math.abs(ctx.clock.now() - toldAt) >= reportGapMs;
  return {
    due,
    async report(fraction) {
      const progress = progressAt(step, fraction);
      if (progress <= told || !due()) return;
      told = progress;
      toldAt = ctx.clock.now();
      await ctx.realtime.publish({ room: `document:${analysis.fileId}` }, 'document:progress', { ...runOf(analysis), progress, stage: step });
      await ctx.jobs.progress(progress, step);
    },
  };
}
