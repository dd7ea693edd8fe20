import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchAuth } from './auth.ts';
import { benchDatabase } from './database.ts';
import { benchFiles } from './files.ts';
import { benchHttp } from './http.ts';
import { benchMessaging } from './messaging.ts';
import { benchPipeline } from './pipeline.ts';
import { benchSandbox } from './sandbox.ts';
import { benchFootprint, benchServer } from './server.ts';
import type { BenchRow } from './support.ts';
import { benchSwap } from './swap.ts';
import { asMarkdown, asText } from './table.ts';
import { benchUpload } from './upload.ts';

/**
 * `npm run bench [-- <filter>…] [--write]`: measures the groups whose name has a filter in it, all of them
 * without one, and prints one table. Times never fail it; a group that cannot be measured does, after the others.
 */
const groups: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  http: benchHttp,
  server: benchServer,
  auth: benchAuth,
  database: benchDatabase,
  messaging: benchMessaging,
  sandbox: benchSandbox,
  upload: benchUpload,
  files: benchFiles,
  pipeline: benchPipeline,
  swap: benchSwap,
  footprint: benchFootprint,
};
const document = new URL('../../docs/benchmarks.md', import.meta.url);
const [begin, end] = ['<!-- figures -->', '<!-- end of figures -->'];

async function write(rows: readonly BenchRow[], about: string): Promise<void> {
  const text = await readFile(document, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/benchmarks.md has no place for the figures');
  await writeFile(document, `${text.slice(0, from)}${begin}\n\n${about}\n\n${asMarkdown(rows)}\n\n${text.slice(to)}`);
}

const { positionals: filters, values } = parseArgs({ allowPositionals: true, options: { write: { type: 'boolean', default: false } } });
const chosen = Object.entries(groups).filter(([name]) => filters.length === 0 || filters.some((filter) => name.includes(filter)));
if (chosen.length === 0) throw new Error(`No group has one of these names; there are ${Object.keys(groups).join(', ')}`);

const loadBefore = loadavg()[0] ?? 0;
const rows: BenchRow[] = [];
for (const [name, measure] of chosen) {
  process.stderr.write(`measuring ${name}\n`);
  try {
    rows.push(...(await measure()));
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${name} cannot be measured: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
}
const processors = cpus();
const about = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model ?? 'processor'}, load ${loadBefore.toFixed(1)} before and ${(loadavg()[0] ?? 0).toFixed(1)} after.`;
process.stdout.write(`\n${about}\n\n${asText(rows)}\n`);
if (values.write) await write(rows, about);
process.exit();
