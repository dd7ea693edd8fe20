import type { ProcessingWarning } from '@proofpix/plugin-files/contract';
import type { Analysis } from './analysis.ts';
import type { Findings } from './finish-analysis.ts';

const most = 20;

/** What is said of a text that is not all there. */
const ofStatus: Readonly<Record<string, ProcessingWarning>> = {
  encrypted: { code: 'ENCRYPTED', message: 'The file is protected by a password; its text could not be read.' },
  damaged: { code: 'DAMAGED', message: 'The file is damaged; its text could not be read, or not all of it.' },
  'too-large': { code: 'TOO_LARGE', message: 'The file is too large or too complex for its text to be read.' },
};

/** What people should know of a run that completed, the gravest first. */
export function warningsOf(analysis: Pick<Analysis, 'typeMismatch'>, all: Findings, more: readonly ProcessingWarning[]): ProcessingWarning[] {
  const text = all.result('text');
  const warnings: ProcessingWarning[] = [];
  if (analysis.typeMismatch) warnings.push({ code: 'TYPE_MISMATCH', message: 'The content is not of the type that was declared.' });
  const said = text === null ? undefined : ofStatus[text.status];
  if (said !== undefined) warnings.push(said);
  for (const { name, state, errorCode } of all.outcomes) {
    if (state === 'failed') warnings.push({ code: errorCode ?? 'STEP_FAILED', message: `The step ${name} failed; the rest of the result stands.` });
    if (state === 'skipped') warnings.push({ code: errorCode ?? 'STEP_SKIPPED', message: `The step ${name} was left out, because a plugin that it needs is not enabled.` });
  }
  warnings.push(...(all.result('metadata')?.warnings ?? []), ...(text?.warnings ?? []), ...more);
  if (text?.truncated === true) warnings.push({ code: 'TEXT_TRUNCATED', message: 'The document has more text than was read.' });
  const seen = new Set<string>();
  return warnings.filter(({ code, message }) => !seen.has(`${code} ${message}`) && seen.add(`${code} ${message}`)).slice(0, most);
}
