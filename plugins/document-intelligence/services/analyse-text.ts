import { documentIntelligenceText } from '../contract.ts';
import { provide } from '../kit.ts';
import { classify } from './classification/classify.ts';
import { examplesOf } from './classification/examples.ts';
import { countTypes, findInSlices } from './entities/in-slices.ts';
import { detectLanguage } from './language/detect-language.ts';
import { specialMatters } from './personal-data/find-special.ts';
import { countPeople, summarisePersonalData } from './personal-data/summarise.ts';
import { tenantRecogniser } from './recognisers/apply.ts';
import { inOrder, secretFindings } from './security/scan-document.ts';

const mostEntities = 5000;

/** `document-intelligence.text`: reads what the tenant taught it, writes nothing. */
export const analyseText = provide(documentIntelligenceText, {
  async analyse(ctx, { text, filename, mimeType }) {
    const [recogniser, examples] = await Promise.all([tenantRecogniser(ctx), examplesOf(ctx)]);
    const entities = await findInSlices(text, recogniser === null ? {} : { extra: recogniser.recognise });
    const counts = countTypes(entities);
    const people = countPeople(entities.filter(({ type }) => type === 'person').map((entity) => entity.text));
    const matters = specialMatters();
    matters.add(text);
    return {
      language: detectLanguage(text),
      classification: classify({ text, filename: filename ?? null, mimeType: mimeType ?? null, pageCount: null, image: null }, examples),
      entities: entities.slice(0, mostEntities).map((span) => ({ ...span })),
      counts,
      truncated: entities.length > mostEntities,
      personalData: summarisePersonalData(counts, people, matters.result(), false),
      secrets: inOrder(secretFindings(text, null)),
    };
  },
});
