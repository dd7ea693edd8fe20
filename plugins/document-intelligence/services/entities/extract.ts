import { ValidationError } from '@proofpix/sdk';
import type { IntelligenceContext } from '../../kit.ts';
import { openDocument } from '../documents/open-document.ts';
import { detectLanguage } from '../language/detect-language.ts';
import { tenantRecogniser } from '../recognisers/apply.ts';
import { countTypes } from './in-slices.ts';
import { entitiesOfPage } from './page-entities.ts';
import { entityTypes, type FoundSpan } from './span.ts';

const mostEntities = 5000;
/** Of a document; beyond it the pages of a processed document's results are the better way. */
const mostCharacters = 2_000_000;
const hookCharacters = 262_144;

export interface ExtractionQuery {
  types?: readonly string[];
  minimumScore?: number;
  language?: string;
}

/**
 * Entities of a text or of a stored document's text. Keeps nothing.
 *
 * @throws VALIDATION_ERROR (a type that nobody recognises), NOT_FOUND, FORBIDDEN
 */
export async function extractFrom(ctx: IntelligenceContext, source: { text: string; documentId: null } | { text: null; documentId: string }, { types, minimumScore, language: given }: ExtractionQuery) {
  const recogniser = await tenantRecogniser(ctx);
  const known: readonly string[] = [...entityTypes, ...(recogniser?.names ?? [])];
  const unknown = types?.find((type) => !known.includes(type));
  if (unknown !== undefined) throw ValidationError({ message: `Nothing recognises ${unknown}.`, details: { field: 'options.types', issue: `${unknown} is not known` } });
  const query = { ...(types === undefined ? {} : { types }), ...(minimumScore === undefined ? {} : { minimumScore }), ...(recogniser === null ? {} : { extra: recogniser.recognise }) };
  const entities: (FoundSpan & { page: number })[] = [];
  const counts: Record<string, number> = {};
  let language = given ?? null;
  let left = mostCharacters;
  let total = 0;

  async function add(page: number, whole: string): Promise<void> {
    const text = whole.slice(0, Math.min(left, hookCharacters));
    if (text.trim() === '') return;
    left -= text.length;
    language ??= detectLanguage(text).language;
    const found = await entitiesOfPage(ctx, { documentId: source.documentId, page, language, text }, query);
    const wanted = found.filter(({ type, score }) => (types === undefined || types.includes(type)) && score >= (minimumScore ?? 0));
    for (const [type, count] of Object.entries(countTypes(wanted))) counts[type] = (counts[type] ?? 0) + count;
    total += wanted.length;
    for (const span of wanted.slice(0, mostEntities - entities.length)) entities.push({ page, ...span });
  }

  if (source.documentId === null) await add(1, source.text);
  else for await (const { page, text } of (await openDocument(ctx, source.documentId)).pages()) if (left > 0) await add(page, text);
  return { language, entities, counts, truncated: total > entities.length || left <= 0 };
}
