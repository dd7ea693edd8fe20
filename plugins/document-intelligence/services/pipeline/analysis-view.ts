import { stepNames, type StepName } from '../../contract.ts';
import { documentOf, type Analysis, type StepRecord } from './analysis.ts';
import { progressAt } from './progress.ts';
import { planSteps, steps as allSteps } from './steps.ts';

const statusOf = { queued: 'queued', running: 'processing', completed: 'completed', failed: 'failed', cancelled: 'cancelled' } as const;
const plan = planSteps(allSteps);

/** The step under way; null before the first and after the last. */
function underWay(analysis: Analysis): StepName | null {
  if (analysis.state !== 'running') return null;
  return plan.after((analysis.step ?? null) as StepName | null, documentOf(analysis), analysis.options, analysis.hasText);
}

/** A run as its results are shown; without the tags of its metadata unless asked for. */
export function analysisView(analysis: Analysis, records: readonly StepRecord[], { tags }: { tags: boolean }) {
  const byName = new Map<string, StepRecord>(records.map((record) => [record.name, record]));
  const current = underWay(analysis);
  const results: Record<string, Record<string, unknown>> = {};
  for (const { name, state, result } of records) {
    if (state !== 'completed' || result === null) continue;
    results[name] = name === 'metadata' && !tags ? { ...result, tags: {} } : result;
  }
  return {
    id: analysis.id,
    jobId: analysis.id,
    documentId: analysis.fileId,
    status: statusOf[analysis.state as keyof typeof statusOf],
    progress: analysis.state === 'completed' ? 1 : current === null ? 0 : progressAt(current, 0),
    stage: current,
    error: analysis.errorCode === null ? null : { code: analysis.errorCode },
    startedAt: analysis.createdAt,
    finishedAt: analysis.finishedAt,
    steps: stepNames.map((name) => {
      const record = byName.get(name);
      return { name, state: (record?.state ?? (name === current ? 'running' : 'waiting')) as 'waiting' | 'running' | 'completed' | 'failed' | 'skipped', durationMs: record?.durationMs ?? null, errorCode: record?.errorCode ?? null };
    }),
    results,
    labels: analysis.labels,
  };
}
