import { readFile, writeFile } from 'node:fs/promises';
import { greyPicture } from '../services/grey-picture.ts';
import { pageTextOf } from '../services/page-text.ts';
import { startReading } from '../services/reading-thread.ts';
import { renderPages } from './render-page.ts';
import { wordRecall } from './word-recall.ts';

/** Reads pages that have a text layer from their picture alone, and writes into the README how much of it was found. */
const sources = [
  { name: 'Exif 2.2 specification, every 15th page', pkg: 'exif-js', path: 'spec/Exif2-2.pdf', pages: [1, 15, 30, 45, 60, 75, 90, 105, 120, 135, 150] },
  { name: 'computer science paper, two columns', pkg: 'pdf-parse', path: 'test/data/01-valid.pdf', pages: [1] },
  { name: 'physics paper, two columns', pkg: 'pdf-parse', path: 'test/data/02-valid.pdf', pages: [1] },
  { name: 'medical paper, half of it in Turkish', pkg: 'pdf-parse', path: 'test/data/04-valid.pdf', pages: [1] },
];
const maxEdge = 2500;
const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

const thread = startReading('eng');
const rows: string[] = [];
const sum = { words: 0, found: 0, extra: 0, pages: 0, cpuMs: 0 };
for (const { name, pkg, path, pages } of sources) {
  const here = { words: 0, found: 0, extra: 0, cpuMs: 0 };
  for (const page of await renderPages(pkg, path, pages, maxEdge)) {
    const before = process.cpuUsage();
    const { text } = pageTextOf(await thread.read(await greyPicture(page.png)), { x: 1, y: 1 });
    const { user, system } = process.cpuUsage(before);
    const { words, found, extra } = wordRecall(page.text, text);
    here.words += words;
    here.found += found;
    here.extra += extra;
    here.cpuMs += (user + system) / 1000;
  }
  for (const key of ['words', 'found', 'extra', 'cpuMs'] as const) sum[key] += here[key];
  sum.pages += pages.length;
  rows.push(`| ${name} | ${pages.length} | ${here.words} | ${percent(here.found, here.words)} | ${percent(here.found, here.found + here.extra)} | ${(here.cpuMs / pages.length / 1000).toFixed(1)} |`);
}
thread.stop();
rows.push(`| all | ${sum.pages} | ${sum.words} | ${percent(sum.found, sum.words)} | ${percent(sum.found, sum.found + sum.extra)} | ${(sum.cpuMs / sum.pages / 1000).toFixed(1)} |`);

const table = ['| pages of | pages | words | found | right | CPU s a page |', '| --- | --: | --: | --: | --: | --: |', ...rows].join('\n');
const readme = new URL('../README.md', import.meta.url);
const text = await readFile(readme, 'utf8');
await writeFile(readme, text.replace(/(<!-- measured -->\n)[\s\S]*?(\n<!-- end -->)/, `$1${table}$2`));
process.stdout.write(`${table}\n`);
