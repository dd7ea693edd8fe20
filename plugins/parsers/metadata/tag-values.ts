/** Tags as the parser leaves them: anything at all, from files that anybody made. */
export type Tags = Readonly<Record<string, unknown>>;

/** With the limits of lists, what keeps the summaries of a file below 64 KiB. */
const maxTextLength = 1000;
const maxListItems = 100;
const maxItemLength = 100;

/** Without NUL and other control characters, which JSON in a database cannot hold or people cannot read. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trim()
    .slice(0, maxTextLength)
    .toWellFormed();
}

/** The text of a tag; of a language alternative (XMP, part 1, section 8.2.2.4) the default; null when blank. */
export function asText(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) {
    const chosen = value.find((item) => item?.lang === 'x-default') ?? value[0];
    return Array.isArray(chosen) ? null : asText(chosen);
  }
  if (typeof value === 'object' && value !== null && 'value' in value) return typeof value.value === 'object' ? null : asText(value.value);
  if (typeof value !== 'string') return null;
  const text = cleanText(value);
  return text === '' ? null : text;
}

export function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  const first = Array.isArray(value) || ArrayBuffer.isView(value) ? (value as unknown as readonly unknown[])[0] : undefined;
  return typeof first === 'number' && Number.isFinite(first) ? first : null;
}

/** A number above zero: cameras write 0 for what they do not know. */
export function asPositive(value: unknown): number | null {
  const number = asNumber(value);
  return number !== null && number > 0 ? number : null;
}

export function asList(value: unknown): string[] {
  const items = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return [...new Set(items.map(asText).filter((item) => item !== null).map((item) => item.slice(0, maxItemLength).toWellFormed()))].slice(0, maxListItems);
}

export function firstText(...values: unknown[]): string | null {
  for (const value of values) {
    const text = asText(value);
    if (text !== null) return text;
  }
  return null;
}
