import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEntities } from '../../plugins/document-intelligence/services/entities/find-entities.ts';
import { send } from '../support/server.ts';
import { forkServer, startKernel } from './child.ts';
import { type BenchRow, inTurns, median, oursAtLeast, pairedRow, perSecond, ratioAtLeast, withTeardown } from './support.ts';

const smallBytes = 100_000;
const largeBytes = 100_000_000;
const bulkFiles = 1_000;
const rounds = 5;
const pace = { roundMs: 3_000, concurrency: 8 };
let serial = 0;

/** Bytes of their own for every file: content that is there already would cost less. */
function formOf(files: number, sizeBytes: number): FormData {
  const form = new FormData();
  form.append('options', JSON.stringify({ processImmediately: false }));
  for (let at = 0; at < files; at += 1) form.append(files === 1 ? 'file' : 'files', new Blob([Buffer.alloc(sizeBytes, `${++serial} bytes that no sniffer knows `)], { type: 'application/octet-stream' }), `file-${serial}.bin`);
  return form;
}

async function post(url: string, headers: Record<string, string>, form: FormData): Promise<{ id?: string }> {
  const response = await fetch(url, { method: 'POST', headers, body: form, signal: AbortSignal.timeout(120_000) });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`an upload was answered with ${response.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as { id?: string };
}

/** @returns MB a second */
async function download(url: string, headers: Record<string, string>): Promise<number> {
  const begun = performance.now();
  const { body, status } = await fetch(url, { headers, signal: AbortSignal.timeout(120_000) });
  let bytes = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
  if (status !== 200 || bytes !== largeBytes) throw new Error(`a download was answered with ${status} and ${bytes} bytes`);
  return bytes / 1_000 / (performance.now() - begun);
}

const letter = 'Dear Ms Angela Brown, the invoice of Miller & Sons Ltd is due on 12 March 2026. Pay € 1,204.50 to DE89 3704 0044 0532 0130 00 or write to billing@example.com, 221B Baker Street, London NW1 6XE. Call +44 20 7946 0958. ';

/** MB of text a second that one core searches for entities. */
async function entityThroughput(): Promise<BenchRow> {
  const text = letter.repeat(Math.ceil(100_000 / letter.length));
  const figures: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const figure = ((await perSecond(() => findEntities(text), { roundMs: 1_000, concurrency: 1 })) * Buffer.byteLength(text)) / 1_000_000;
    if (round >= 0) figures.push(figure);
  }
  return { name: 'entities of a text, one core', unit: 'MB/s', ours: median(figures), baseline: null, ratio: null, target: oursAtLeast(1) };
}

/** Many small files, many in one form, and downloads, against bare Fastify on the same disk; and how fast texts are searched for entities. */
export async function benchFiles(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-bench-'));
    t.teardown(() => rm(dataDir, { recursive: true, force: true }));
    const kernel = await startKernel({ DATA_DIR: dataDir, OPERATOR_EMAIL: 'operator@example.com', OPERATOR_PASSWORD: 'Correct-Horse-Battery-9' });
    t.teardown(() => kernel.close());
    const bare = await forkServer<string>('upload-server.ts', [dataDir, String(largeBytes)]);
    t.teardown(() => bare.close());
    const who = { email: 'anna@example.com', password: 'Correct-Horse-Battery-7' };
    await send(kernel.url, 'POST', '/api/auth/register', { ...who, firstName: 'Anna', lastName: 'Meyer' });
    const headers = { authorization: `Bearer ${(await send(kernel.url, 'POST', '/api/auth/login', who)).body.accessToken}` };
    const small = await inTurns(rounds, () => perSecond(() => post(`${kernel.url}/api/files/upload`, headers, formOf(1, smallBytes)), pace), () => perSecond(() => post(`${bare.started}/upload`, {}, formOf(1, smallBytes)), pace));
    const bulk: number[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const form = formOf(bulkFiles, 10_000);
      const begun = performance.now();
      await post(`${kernel.url}/api/files/bulk-upload`, headers, form);
      if (round >= 0) bulk.push((bulkFiles / (performance.now() - begun)) * 1_000);
    }
    const { id } = await post(`${kernel.url}/api/files/upload`, headers, formOf(1, largeBytes));
    const downloads = await inTurns(rounds, () => download(`${kernel.url}/api/files/${id}/download`, headers), () => download(`${bare.started}/file`, {}));
    return [
      pairedRow('uploads of 100 KB, eight at once, vs bare Fastify hashing to a synced file', 'per second', small, ratioAtLeast(0.2)),
      { name: `files of 10 KB in one form of ${bulkFiles.toLocaleString('en')}`, unit: 'per second', ours: median(bulk), baseline: null, ratio: null, target: null },
      pairedRow('download of 100 MB vs bare Fastify streaming a file', 'MB/s', downloads, ratioAtLeast(0.5)),
      await entityThroughput(),
    ];
  });
}
