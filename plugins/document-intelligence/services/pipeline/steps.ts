import { stepNames, type StepName } from '../../contract.ts';
import { classificationStep } from '../steps/classification.ts';
import { entitiesStep } from '../steps/entities.ts';
import { fingerprintStep } from '../steps/fingerprint.ts';
import { languageStep } from '../steps/language.ts';
import { metadataStep } from '../steps/metadata.ts';
import { personalDataStep } from '../steps/personal-data.ts';
import { securityStep } from '../steps/security.ts';
import type { Step, StepDocument, StepInput } from '../steps/step.ts';
import { textStep } from '../steps/text.ts';

/** Any step; what it answers fits its name. */
export type AnyStep = { [K in StepName]: Step<K> }[StepName];

/** The steps of this version, in any order: {@link stepNames} decides. */
export const steps: readonly AnyStep[] = [metadataStep, textStep, languageStep, classificationStep, entitiesStep, personalDataStep, securityStep, fingerprintStep];

/** Steps that have nothing to do where nothing is written. */
const needText: ReadonlySet<StepName> = new Set(['language', 'entities', 'personal-data', 'fingerprint']);

export interface StepPlan {
  /** The step after `last` (null: the first); null when none is left. `hasText`: what the text step said, null before it. */
  after(last: StepName | null, document: StepDocument, options: StepInput['options'], hasText: boolean | null): StepName | null;
  step(name: StepName): AnyStep | undefined;
}

export function planSteps(all: readonly AnyStep[]): StepPlan {
  const byName = new Map(all.map((step) => [step.name, step]));
  return {
    step: (name) => byName.get(name),
    after(last, document, options, hasText) {
      // what people asked to be left at type and size
      if (!options.extractMetadata) return null;
      return stepNames.slice(last === null ? 0 : stepNames.indexOf(last) + 1).find((name) => !(hasText !== true && needText.has(name)) && byName.get(name)?.applies(document, options) === true) ?? null;
    },
  };
}
