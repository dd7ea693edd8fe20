import type { Tags } from '../metadata/tag-values.ts';

/** What ExifTool found in a file, by group of its family 1 (`IFD0`, `XMP-dc`, …). */
export interface ToolTags {
  /** As ExifTool prints it without `-n`: for people. */
  printed: Record<string, Record<string, unknown>>;
  /** As it prints with `-n`: for programs. */
  values: Record<string, Tags>;
  /** Sentences of ExifTool; `error` when it could not read the file at all. */
  warning: string | null;
  error: string | null;
}

/** They are about the scratch file and about ExifTool itself. */
const ownGroups = new Set(['System', 'ExifTool']);

/** Text that a database takes: without NUL and halves of surrogate pairs. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\u0000') || !value.isWellFormed() ? value.replaceAll('\u0000', '').toWellFormed() : value;
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '__proto__').map(([name, item]) => [name, storable(item)]));
  return value;
}

const sentence = (entry: unknown): string | null => {
  const text = (entry as { val?: unknown } | undefined)?.val;
  return typeof text === 'string' ? text.slice(0, 400) : null;
};

/** Both notations at once: `-l` adds to each value the number behind it, where the two differ. */
export const readArguments = ['-json', '-l', '-g1'] as const;

/** @throws when this is not what ExifTool answers to {@link readArguments} about one file */
export function parseToolTags(answer: string): ToolTags {
  const [file] = JSON.parse(answer) as [Record<string, unknown> | undefined];
  if (typeof file !== 'object' || file === null) throw new Error('ExifTool answered nothing.');
  const printed: [string, Record<string, unknown>][] = [];
  const values: [string, Tags][] = [];
  for (const [group, tags] of Object.entries(file)) {
    if (group === 'SourceFile' || group === '__proto__' || ownGroups.has(group) || typeof tags !== 'object' || tags === null) continue;
    const entries = Object.entries(tags as Record<string, { val?: unknown; num?: unknown }>).filter(([name]) => name !== '__proto__');
    printed.push([group, Object.fromEntries(entries.map(([name, { val }]) => [name, storable(val)]))]);
    values.push([group, Object.fromEntries(entries.map(([name, { val, num }]) => [name, storable(num ?? val)]))]);
  }
  const about = file['ExifTool'] as Record<string, unknown> | undefined;
  return { printed: Object.fromEntries(printed), values: Object.fromEntries(values), warning: sentence(about?.['Warning']), error: sentence(about?.['Error']) };
}

/** Whether a password is missing: ExifTool says so, or found a PDF's encryption and could not even count its pages. */
export function isLocked({ warning, values }: ToolTags): boolean {
  const pdf = values['PDF'];
  return (warning !== null && /password protected/i.test(warning)) || (pdf?.['Encryption'] !== undefined && pdf['PageCount'] === undefined);
}
