import type { EphemeralResults, StepName } from '../contract.ts';
import type { EphemeralContext } from '../kit.ts';
import { attempts } from './attempt.ts';
import type { Facts } from './begin-session.ts';
import { maxCharacters, readText, type Text } from './read-text.ts';

/** A handle outlives no step by much. */
const handleSeconds = 900;
const ofText: ReadonlySet<StepName> = new Set(['language', 'classification', 'entities', 'personal-data', 'secrets']);

function wholeText({ pages }: Text): string {
  return pages.map(({ text }) => text).join('\n\n').slice(0, maxCharacters);
}

/**
 * Carries out the steps of a session one after the other. What a step cannot do stands in `warnings`, and the others
 * go on.
 *
 * @param told the share of the steps that is done, 0 to 1
 */
export async function examine(ctx: EphemeralContext, scratchId: string, { file: facts, steps, ocr }: Facts, told: (progress: number) => Promise<void>): Promise<EphemeralResults> {
  const results: EphemeralResults = { file: facts, metadata: null, structure: null, text: null, language: null, classification: null, entities: null, personalData: null, secrets: null, warnings: [] };
  const attempt = attempts(results.warnings, () => ctx.signal.aborted);
  const { mimeType, filename } = facts;
  const file = await ctx.scratch.share(scratchId, 'upload', { ttlSeconds: handleSeconds });
  const source = { file, mimeType, filename };
  const wants = (step: StepName): boolean => steps.includes(step);
  const analyses = steps.some((step) => ofText.has(step));

  if (wants('metadata')) results.metadata = await attempt('metadata', () => ctx.services.metadata.read(source));
  await told(0.25);
  if (wants('structure')) results.structure = (await attempt('structure', () => ctx.services.structure.inspect(source)))?.findings ?? null;
  await told(0.4);
  const text = wants('text') || analyses ? await readText(ctx, file, { mimeType, filename, ocr }, attempt) : null;
  if (wants('text')) results.text = text;
  await told(0.8);
  const whole = text === null ? '' : wholeText(text);
  const found = analyses && whole.trim() !== '' ? await attempt('analysis', () => ctx.services.analysis.analyse({ text: whole, filename, mimeType })) : null;
  if (found === null) return results;
  if (wants('language')) results.language = found.language;
  if (wants('classification')) results.classification = found.classification;
  if (wants('entities')) results.entities = { items: found.entities, counts: found.counts, truncated: found.truncated };
  if (wants('personal-data')) results.personalData = found.personalData;
  if (wants('secrets')) results.secrets = found.secrets;
  return results;
}
