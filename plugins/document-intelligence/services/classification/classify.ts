import { documentLabels, type ClassificationResult } from '../../contract.ts';
import { layoutOf, type DocumentFacts } from './facts.ts';
import { featuresOf, similarity, type Features } from './features.ts';
import { fileEvidence } from './file-cues.ts';
import { textEvidence, type Evidence } from './text-cues.ts';

/** A document that somebody said is of this kind. */
export interface Example {
  label: string;
  features: Features;
}

/** `other` needs no evidence, so whatever is less sure than this is it. */
const otherPoints = 1;
const basePoints = -2.5;
/** Flattens what the cues, which are not independent, claim together: found with the measured set. */
const temperature = 1.1;
const alike = 0.35;
const pointsOfTwin = 16;
const mostCandidates = 5;
const mostReasons = 10;
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** The nearest examples of each label; two that agree count more than one. */
function learnedEvidence(features: Features, examples: readonly Example[]): Evidence[] {
  const near = new Map<string, number[]>();
  for (const { label, features: other } of examples) {
    const cosine = similarity(features, other);
    if (cosine > alike) near.set(label, [...(near.get(label) ?? []), cosine]);
  }
  return [...near].map(([label, cosines]) => {
    const [best = 0, second = 0] = cosines.toSorted((a, b) => b - a);
    return { label, points: pointsOfTwin * (best - alike) + (pointsOfTwin / 4) * Math.max(0, second - alike), reason: `It is like what was said to be “${label}” before (${Math.round(best * 100)} %).` };
  });
}

/**
 * What kind of document this is: cues of words, layout and file as log odds, and what people of the tenant said of
 * similar documents. Time is linear in the length of the text's beginning and the number of examples.
 */
export function classify(facts: DocumentFacts, examples: readonly Example[] = []): ClassificationResult {
  const learned = examples.length === 0 ? [] : learnedEvidence(featuresOf(facts.text), examples);
  const evidence = [...fileEvidence(facts), ...textEvidence(facts, layoutOf(facts.text)), ...learned];
  const sums = new Map<string, number>([...documentLabels, ...examples.map(({ label }) => label)].map((label) => [label, label === 'other' ? otherPoints : basePoints]));
  for (const { label, points } of evidence) sums.set(label, (sums.get(label) ?? basePoints) + points);
  const most = Math.max(...sums.values());
  const weights = [...sums].map(([label, sum]) => [label, Math.exp((sum - most) / temperature)] as const);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const candidates = weights
    .map(([label, weight]) => ({ label, confidence: rounded(weight / total) }))
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, mostCandidates);
  const { label, confidence } = candidates[0] as { label: string; confidence: number };
  const reasons = evidence.filter((one) => one.label === label).toSorted((a, b) => b.points - a.points);
  return {
    label,
    confidence,
    candidates: candidates.filter((one) => one.confidence >= 0.01 || one.label === label),
    reasons: (reasons.length === 0 ? ['Nothing speaks for any other kind.'] : reasons.map(({ reason }) => reason.slice(0, 200))).slice(0, mostReasons),
    learned: learned.length > 0,
  };
}
