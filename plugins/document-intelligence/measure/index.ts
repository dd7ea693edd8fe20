import { readFileSync, writeFileSync } from 'node:fs';
import { isHeldOut, measure, throughput, type LabelledText } from './measure.ts';
import { rewritten, tableOf } from './table.ts';

/*
 * `npm run entities:measure -- <data set>`: a JSON array of {text, spans: [{type, start, end}]},
 * labels as in Microsoft's presidio-research. Rewrites the tables in docs/entities.md.
 */
const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: npm run entities:measure -- <data set>.json\n');
  process.exit(2);
}
const texts = JSON.parse(readFileSync(path, 'utf8')) as LabelledText[];
const tuning = texts.filter(({ text }) => !isHeldOut(text));
const heldOut = texts.filter(({ text }) => isHeldOut(text));
const page = new URL('../../../docs/entities.md', import.meta.url);
const measured = [
  `Held out (${heldOut.length} texts):`,
  tableOf(measure(heldOut)),
  `Tuned on (${tuning.length} texts):`,
  tableOf(measure(tuning)),
  `Throughput on one core: ${throughput(texts).toFixed(1)} MB of text a second.`,
].join('\n\n');
writeFileSync(page, rewritten(readFileSync(page, 'utf8'), `\n${measured}\n`));
process.stdout.write(`${measured}\n`);
