import { secretRules } from './secret-rules.ts';

/** A secret in a text, without the secret: who reads findings need not learn it. */
export interface FoundSecret {
  /** `SECRET_AWS_ACCESS_KEY`, … */
  code: string;
  severity: 'medium' | 'high';
  /** What it is, for people. */
  title: string;
  /** UTF-16 offsets, `end` exclusive. */
  start: number;
  end: number;
}

const mostFound = 500;

/** Keys, tokens, passwords beside their names, at most 500. Where two rules find the same, the first, which is the more special one, counts. Linear time. */
export function findSecrets(text: string): FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const { name, title, severity, pattern, isValid } of secretRules) {
    for (const match of text.matchAll(pattern)) {
      if (found.length >= mostFound) break;
      const secret = match.groups?.secret ?? match[0];
      if (isValid !== undefined && !isValid(secret)) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      const end = start + secret.length;
      if (!found.some((other) => start < other.end && other.start < end)) found.push({ code: `SECRET_${name}`, severity, title, start, end });
    }
  }
  return found.toSorted((a, b) => a.start - b.start);
}
