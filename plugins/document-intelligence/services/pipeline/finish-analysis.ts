import type { JsonObject, RecordBase } from '@proofpix/sdk';
import { processorReports, type ProcessingCompleted } from '@proofpix/plugin-files/contract';
import type { StepName, StepResults } from '../../contract.ts';
import type { IntelligenceContext, IntelligenceTransaction } from '../../kit.ts';
import { documentOf, runOf, type Analysis } from './analysis.ts';
import { askForFindings } from './ask-for-findings.ts';
import { boundedMetadata } from './bounded-metadata.ts';
import type { StepOutcome } from './step-outcome.ts';
import { summaryOf } from './summary.ts';
import { warningsOf } from './warnings.ts';

/** Fields of a run's record that change. */
export type AnalysisPatch = Partial<Omit<Analysis, keyof RecordBase>>;

/** Earlier runs of the file whose findings go when a new run has completed. */
const mostEarlier = 200;

export interface Findings {
  outcomes: readonly StepOutcome[];
  result<K extends StepName>(name: K): StepResults[K] | null;
}

function findingsOf(outcomes: readonly StepOutcome[]): Findings {
  const byName = new Map(outcomes.map((outcome) => [outcome.name, outcome]));
  return { outcomes, result: <K extends StepName>(name: K) => (byName.get(name)?.result ?? null) as StepResults[K] | null };
}

/**
 * Ends a run: puts together what its steps found, lets other plugins add to it, and reports.
 *
 * @param last the step that ran just now and has no record yet
 * @returns the state in which the run is left
 */
export async function finishAnalysis(ctx: IntelligenceContext, analysis: Analysis, last: StepOutcome | null, commit: (patch: AnalysisPatch, write: (tx: IntelligenceTransaction) => Promise<void>) => Promise<boolean>): Promise<string> {
  const { id: analysisId, fileId } = analysis;
  const { items } = await ctx.db.steps.find({ where: { analysisId } });
  const outcomes = items.map(({ name, state, result, errorCode, durationMs }) => ({ name: name as StepName, state, result, errorCode, durationMs }) as StepOutcome);
  const all = findingsOf(last === null ? outcomes : [...outcomes.filter(({ name }) => name !== last.name), last]);
  const { findings, security, labels } = await askForFindings(ctx, documentOf(analysis), all);

  const metadata = all.result('metadata');
  const { kept, warnings: leftOut } = boundedMetadata(analysis, metadata);
  const location = metadata?.gps == null ? null : { latitude: metadata.gps.latitude, longitude: metadata.gps.longitude, altitudeMetres: metadata.gps.altitudeMetres, place: metadata.place };
  const payload: ProcessingCompleted = { ...runOf(analysis), kind: documentOf(analysis).kind, metadata: kept, location, warnings: warningsOf(analysis, all, leftOut), summary: summaryOf(all, findings) };

  const earlier = await ctx.db.analyses.find({ where: { fileId, createdAt: { $lt: analysis.createdAt } }, limit: mostEarlier });
  const done = await commit({ state: 'completed', step: last?.name ?? analysis.step, finishedAt: ctx.clock.date().toISOString(), labels }, async (tx) => {
    const record = { analysisId, fileId };
    if (last !== null) await tx.db.steps.upsert({ ...last, ...record }, ['analysisId', 'name']);
    if (security !== null) await tx.db.steps.upsert({ ...security, ...record }, ['analysisId', 'name']);
    if (earlier.items.length > 0) {
      const ids = { $in: earlier.items.map(({ id }) => id) };
      await tx.db.entities.delete({ analysisId: ids });
      await tx.db.steps.delete({ analysisId: ids });
      await tx.db.analyses.delete({ id: ids });
    }
    // by what the file held before it was found nothing similar any more
    if (all.result('fingerprint') === null) await tx.db.fingerprints.delete({ fileId });
    await tx.events.emit(processorReports.completed, payload as unknown as JsonObject);
  });
  return done ? 'completed' : 'cancelled';
}
