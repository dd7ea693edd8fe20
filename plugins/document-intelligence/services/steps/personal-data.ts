import { storedEntities } from '../entities/stored-entities.ts';
import { specialMatters } from '../personal-data/find-special.ts';
import { countPeople, summarisePersonalData } from '../personal-data/summarise.ts';
import type { Step } from './step.ts';

/** What of the entities is about people, which protected matters the text speaks of, and whether the file tells a position. */
export const personalDataStep: Step<'personal-data'> = {
  name: 'personal-data',
  applies: () => true,
  async run(ctx, input) {
    const counts = (await input.resultOf('entities'))?.counts ?? {};
    const names = new Set<string>();
    for (const { found } of await storedEntities(ctx, input.document.runId)) for (const { type, text } of found) if (type === 'person') names.add(text);
    const matters = specialMatters();
    for await (const { text } of input.pages()) matters.add(text);
    const metadata = await input.resultOf('metadata');
    return summarisePersonalData(counts, countPeople(names), matters.result(), metadata?.gps != null);
  },
};
