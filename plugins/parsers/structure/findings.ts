import type { Static } from '@proofpix/sdk';
import type { StructureFinding as FindingSchema } from '../contract.ts';

export type Finding = Static<typeof FindingSchema>;
export type Severity = Finding['severity'];

const maxFindings = 200;
/** Of one kind, so that a thousand links do not hide one macro. */
const maxOfCode = 20;

/** Collects what was found, once each and bounded. */
export interface Findings {
  add(code: string, severity: Severity, message: string, where?: string | null): void;
  list(): Finding[];
  /** How many were left out. */
  leftOut(): number;
}

const order: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2, info: 3 };

/** Text of a file, fit to be shown: without control characters. */
// oxlint-disable-next-line no-control-regex
const shown = (text: string): string => text.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, 300).toWellFormed();

export function createFindings(): Findings {
  const found: Finding[] = [];
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  let left = 0;
  return {
    add(code, severity, message, where = null) {
      const place = where === null ? null : shown(where);
      const key = `${code}|${message}|${place}`;
      if (seen.has(key)) return;
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      if (count > maxOfCode || found.length >= maxFindings) {
        left += 1;
        return;
      }
      seen.add(key);
      found.push({ code, severity, message: shown(message), where: place });
    },
    list: () => found.toSorted((a, b) => order[a.severity] - order[b.severity]),
    leftOut: () => left,
  };
}
