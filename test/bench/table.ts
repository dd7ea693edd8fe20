import { type BenchRow, isMet } from './support.ts';

const heads = ['measured', 'unit', 'ours', 'baseline', 'ratio', 'target', 'met'] as const;

/** Three digits that count, and no more. */
function figure(value: number | null): string {
  if (value === null) return '–';
  if (!Number.isFinite(value)) return '?';
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

function cellsOf(row: BenchRow): string[] {
  const { target } = row;
  const met = isMet(row);
  return [row.name, row.unit, figure(row.ours), figure(row.baseline), figure(row.ratio), target === null ? '–' : `${target.of} ${target.bound} ${figure(target.value)}`, met === null ? '–' : met ? 'yes' : 'no'];
}

/** For a terminal: columns in line. */
export function asText(rows: readonly BenchRow[]): string {
  const lines = [[...heads], ...rows.map(cellsOf)];
  const widths = heads.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
  return lines.map((line) => line.map((cell, at) => (at >= 2 && at <= 4 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join('  ').trimEnd()).join('\n');
}

/** For `docs/benchmarks.md`. */
export function asMarkdown(rows: readonly BenchRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), '| --- | --- | ---: | ---: | ---: | --- | --- |', ...rows.map((row) => line(cellsOf(row)))].join('\n');
}
