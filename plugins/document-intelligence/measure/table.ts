import type { TypeResult } from './measure.ts';

const begin = '<!-- measured: begin -->';
const end = '<!-- measured: end -->';
const share = (part: number, whole: number): string => (whole === 0 ? '–' : (part / whole).toFixed(3));

/** Harmonic mean of recall and precision; null where nothing was found and labelled both. */
export function f1({ labelled, hit, found, right }: TypeResult): number | null {
  if (labelled === 0 || found === 0 || hit === 0) return null;
  const recall = hit / labelled;
  const precision = right / found;
  return (2 * recall * precision) / (recall + precision);
}

export function tableOf(results: readonly TypeResult[]): string {
  const rows = results.map((result) => `| ${result.type} | ${result.labelled} | ${share(result.right, result.found)} | ${share(result.hit, result.labelled)} | ${f1(result)?.toFixed(3) ?? '–'} |`);
  return ['| type | labelled | precision | recall | F1 |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** The page with what stands between its two marks replaced. Throws when the marks are not there. */
export function rewritten(page: string, measured: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page lacks the marks ${begin} and ${end}.`);
  return `${page.slice(0, from + begin.length)}\n${measured}\n${page.slice(to)}`;
}
