import type { IntelligenceContext } from '../../kit.ts';
import { entitiesOfPage } from '../entities/page-entities.ts';
import type { FoundSpan } from '../entities/span.ts';
import { tenantRecogniser } from '../recognisers/apply.ts';
import { findInSlices } from '../entities/in-slices.ts';
import { resolveOverlaps } from '../entities/resolve-overlaps.ts';
import { hasher, masker, numberer, type RedactionMode, type Replacer } from './modes.ts';
import { redactionKey } from './redaction-key.ts';
import { valuesOf, withRepeats } from './repeats.ts';
import { sealValues, tokenOf } from './seal-values.ts';

/** What is redacted when nothing is said: what belongs to people and their money. What other recognisers find goes too. */
export const redactedByDefault: readonly string[] = ['person', 'address', 'email', 'phone', 'card', 'iban', 'national-id', 'driver-licence', 'passport', 'ip-address', 'mac-address', 'crypto-address'];
const keptByDefault = new Set(['organization', 'place', 'date', 'money', 'url']);
const hookCharacters = 262_144;
const seedBytes = 6;

export interface RedactionOptions {
  types?: readonly string[] | undefined;
  minimumScore?: number | undefined;
  keepLast?: number | undefined;
  maskWith?: string | undefined;
}

/** Where something was, and what stands there now. Never what it was. */
export interface Replacement {
  type: string;
  /** UTF-16 offsets into the redacted text. */
  start: number;
  end: number;
  replacement: string;
}

/** What is to be hidden in a text, by the built-in recognisers, the tenant's and other plugins'. */
export async function spansToRedact(ctx: IntelligenceContext, page: { documentId: string | null; page: number; text: string }, { types, minimumScore }: RedactionOptions): Promise<FoundSpan[]> {
  const recogniser = await tenantRecogniser(ctx);
  const query = { ...(minimumScore === undefined ? {} : { minimumScore }), ...(recogniser === null ? {} : { extra: recogniser.recognise }) };
  const found =
    page.text.length > hookCharacters ? await findInSlices(page.text, query) : await entitiesOfPage(ctx, { ...page, language: null }, query);
  return resolveOverlaps(found, page.text.length).filter(({ type }) => (types === undefined ? !keptByDefault.has(type) : types.includes(type)));
}

async function replacerOf(ctx: IntelligenceContext, mode: RedactionMode, { keepLast = 0, maskWith = '*' }: RedactionOptions): Promise<Replacer & { values?: ReadonlyMap<string, string> }> {
  if (mode === 'mask') return masker(keepLast, maskWith);
  if (mode === 'replace') return numberer();
  if (mode === 'encrypt') return numberer(tokenOf([...ctx.random.bytes(seedBytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')));
  const key = await redactionKey(ctx);
  return hasher((data) => ctx.crypto.hmac('sha256', key, data));
}

/**
 * A text with what was found in it hidden.
 *
 * @returns `sealed` only for `encrypt`: what restores the text, for this tenant alone
 * @throws VALIDATION_ERROR, UNAVAILABLE
 */
export async function redactText(ctx: IntelligenceContext, text: string, mode: RedactionMode, options: RedactionOptions) {
  const found = await spansToRedact(ctx, { documentId: null, page: 1, text }, options);
  const spans = withRepeats(text, found, valuesOf(found));
  const replace = await replacerOf(ctx, mode, options);
  const replacements: Replacement[] = [];
  let redacted = '';
  let last = 0;
  for (const span of spans) {
    redacted += text.slice(last, span.start);
    const replacement = replace(span);
    replacements.push({ type: span.type, start: redacted.length, end: redacted.length + replacement.length, replacement });
    redacted += replacement;
    last = span.end;
  }
  redacted += text.slice(last);
  return { text: redacted, replacements, sealed: mode === 'encrypt' ? await sealValues(ctx, replace.values ?? new Map()) : null };
}
