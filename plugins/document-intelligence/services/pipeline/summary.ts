import type { ProcessingSummary } from '@proofpix/plugin-files/contract';
import type { SecurityFinding } from '../../contract.ts';
import type { Findings } from './finish-analysis.ts';

/** A run's findings in short. */
export function summaryOf(all: Findings, findings: readonly SecurityFinding[]): ProcessingSummary {
  const classified = all.result('classification');
  const text = all.result('text');
  const security: Record<string, number> = {};
  for (const { severity } of findings) security[severity] = (security[severity] ?? 0) + 1;
  return {
    language: all.result('language')?.language ?? null,
    classification: classified === null ? null : { label: classified.label, confidence: classified.confidence },
    pageCount: text === null ? null : text.pageCount,
    ocrPages: text?.ocrPages ?? 0,
    entities: all.result('entities')?.counts ?? {},
    security,
  };
}
