import { documents } from './documents.ts';
import { heldOut } from './held-out.ts';
import { measureClassification } from './measure.ts';

/* `npm run classification:measure`: the figures in docs/classification.md, and on request what was wrong of the tuned set. */
for (const [name, set] of [['tuned on', documents], ['held out', heldOut]] as const) {
  const { documents: count, right, meanConfidence } = measureClassification(set);
  process.stdout.write(`${name}: ${right} of ${count} right, mean confidence ${meanConfidence.toFixed(2)}\n`);
}
if (process.argv.includes('--wrong')) for (const one of measureClassification(documents).wrong) process.stdout.write(`${one.label} taken for ${one.got} (${one.confidence}): ${one.text.replaceAll('\n', ' / ')}\n`);
