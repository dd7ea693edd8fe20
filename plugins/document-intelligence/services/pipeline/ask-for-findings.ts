import { toWireError, type JsonObject } from '@proofpix/sdk';
import { hookPoints, type FindingsHook, type SecurityFinding } from '../../contract.ts';
import type { IntelligenceContext } from '../../kit.ts';
import type { StepDocument } from '../steps/step.ts';
import type { Findings } from './finish-analysis.ts';
import type { StepOutcome } from './step-outcome.ts';

const mostFindings = 500;

export interface Added {
  /** Of the security step and of other plugins. */
  findings: SecurityFinding[];
  /** The security step's record anew; null when nobody added anything. */
  security: StepOutcome | null;
  labels: string[];
}

/** Lets other plugins add to what was found. They cannot take anything away, and cannot fail the run. */
export async function askForFindings(ctx: IntelligenceContext, document: StepDocument, all: Findings): Promise<Added> {
  const own = all.result('security');
  const findings = own?.findings ?? [];
  const payload: FindingsHook = {
    documentId: document.fileId,
    filename: document.filename,
    mimeType: document.mimeType,
    kind: document.kind,
    language: all.result('language')?.language ?? null,
    classification: all.result('classification')?.label ?? null,
    findings,
    labels: [],
  };
  let answer = payload;
  try {
    answer = (await ctx.hooks.run(hookPoints.findings, payload as unknown as JsonObject)) as unknown as FindingsHook;
  } catch (error) {
    ctx.log.warn('other plugins could not add findings', { code: toWireError(error).code });
  }
  const known = new Set(findings.map((finding) => JSON.stringify(finding)));
  const fresh = answer.findings.filter((finding) => !known.has(JSON.stringify(finding))).slice(0, Math.max(0, mostFindings - findings.length));
  const labels = [...new Set(answer.labels)];
  if (fresh.length === 0) return { findings, security: null, labels };
  const together = [...findings, ...fresh];
  const before = all.outcomes.find(({ name }) => name === 'security');
  return { findings: together, security: { name: 'security', state: 'completed', result: { findings: together, malware: own?.malware ?? null }, errorCode: null, durationMs: before?.durationMs ?? 0 }, labels };
}
