import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib';
import { send } from '../support/server.ts';
import { residentMiB, startKernel } from './child.ts';
import { type BenchRow, oursAtMost, quantile, withTeardown } from './support.ts';

const { resolve } = createRequire(import.meta.url);
/** Of each type; and of the batch during which others are asked. */
const perType = Number(process.env['BENCH_PIPELINE_FILES'] ?? 60);
const batchFiles = Number(process.env['BENCH_PIPELINE_BATCH'] ?? 1000);
const idleMs = 5000;
const waitMs = 900_000;
const pollMs = 100;

interface Sample {
  name: string;
  filename: string;
  mimeType: string;
  content: Uint8Array;
  ocr: 'auto' | 'off';
}

const letter = 'Dear Ms Angela Brown, the invoice of Miller & Sons Ltd is due on 12 March 2026. Pay EUR 1,204.50 to DE89 3704 0044 0532 0130 00 or write to billing@example.com, 221B Baker Street, London NW1 6XE.';

async function pdfOf(pages: number): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (let page = 0; page < pages; page += 1) {
    const sheet = document.addPage([900, 792]);
    for (let line = 0; line < 25; line += 1) sheet.drawText(letter.slice(0, 100), { x: 40, y: 740 - line * 28, size: 12, font });
  }
  return document.save();
}

async function samples(): Promise<Sample[]> {
  const photo = await readFile(resolve('exif-parser/test/starfish.jpg'));
  const docx = await readFile(resolve('mammoth/test/test-data/simple-list.docx'));
  const mail = Buffer.from(`From: Ana <ana@example.org>\r\nSubject: The invoice\r\nContent-Type: text/plain\r\n\r\n${`${letter}\r\n`.repeat(20)}`);
  return [
    { name: 'text of 10 KB', filename: 'letter.txt', mimeType: 'text/plain', content: Buffer.from(`${letter}\n`.repeat(50)), ocr: 'auto' },
    { name: 'e-mail', filename: 'mail.eml', mimeType: 'message/rfc822', content: mail, ocr: 'auto' },
    { name: 'PDF of 5 pages', filename: 'five.pdf', mimeType: 'application/pdf', content: await pdfOf(5), ocr: 'auto' },
    { name: 'Word', filename: 'list.docx', mimeType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', content: docx, ocr: 'auto' },
    { name: 'photo without OCR', filename: 'starfish.jpg', mimeType: 'image/jpeg', content: photo, ocr: 'off' },
    { name: 'photo with OCR', filename: 'starfish.jpg', mimeType: 'image/jpeg', content: photo, ocr: 'auto' },
  ];
}

interface Client {
  url: string;
  headers: Record<string, string>;
}

async function client(url: string, name: string): Promise<Client> {
  const who = { email: `${name}@example.com`, password: 'Correct-Horse-Battery-7' };
  await send(url, 'POST', '/api/auth/register', { ...who, firstName: name, lastName: 'Meyer' });
  return { url, headers: { authorization: `Bearer ${(await send(url, 'POST', '/api/auth/login', who)).body.accessToken}` } };
}

async function upload({ url, headers }: Client, files: readonly Sample[]): Promise<void> {
  const form = new FormData();
  form.append('options', JSON.stringify({ ocr: files[0]?.ocr ?? 'auto' }));
  for (const [at, { filename, mimeType, content }] of files.entries()) form.append('files', new Blob([Uint8Array.from(content)], { type: mimeType }), `${at} ${filename}`);
  const { status, body } = await send(url, 'POST', '/api/files/bulk-upload', form, headers);
  if (status !== 201) throw new Error(`the upload was answered with ${status}: ${JSON.stringify(body).slice(0, 200)}`);
}

async function anyLeft({ url, headers }: Client): Promise<boolean> {
  for (const status of ['queued', 'processing']) if ((await send(url, 'GET', `/api/files?status=${status}&limit=1`, undefined, headers)).body.items.length > 0) return true;
  return false;
}

/** Seconds until nothing is left to be done. */
async function drained(who: Client, begun: number): Promise<number> {
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await delay(pollMs)) if (!(await anyLeft(who))) return (performance.now() - begun) / 1000;
  throw new Error('the documents were not processed in time');
}

/** Times of one plain route, one request after the other, until `over`. */
async function times({ url, headers }: Client, over: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  while (!over()) {
    const begun = performance.now();
    await send(url, 'GET', '/api/auth/me', undefined, headers);
    taken.push(performance.now() - begun);
    await delay(5);
  }
  return taken;
}

/** Documents through all their steps, by type; and what others notice of a batch. */
export async function benchPipeline(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-bench-'));
    t.teardown(() => rm(dataDir, { recursive: true, force: true }));
    const kernel = await startKernel({ DATA_DIR: dataDir, OPERATOR_EMAIL: 'operator@example.com', OPERATOR_PASSWORD: 'Correct-Horse-Battery-9', EMAIL_VERIFICATION: 'optional' });
    t.teardown(() => kernel.close());
    const [ada, eve] = [await client(kernel.url, 'ada'), await client(kernel.url, 'eve')];
    const all = await samples();
    const rows: BenchRow[] = [];
    for (const sample of all) {
      await upload(ada, [sample]);
      await drained(ada, 0);
      const begun = performance.now();
      await upload(ada, Array.from({ length: perType }, () => sample));
      rows.push({ name: `documents through all steps: ${sample.name}`, unit: 'per minute and core', ours: (perType / (await drained(ada, begun)) / cpus().length) * 60, baseline: null, ratio: null, target: null });
    }
    const idleSince = performance.now();
    const idle = await times(eve, () => performance.now() - idleSince > idleMs);
    const kinds = all.slice(0, 5);
    await upload(ada, Array.from({ length: batchFiles }, (_, at) => ({ ...(kinds[at % kinds.length] as Sample), ocr: 'off' as const })));
    const begun = performance.now();
    let done = false;
    const during = times(eve, () => done);
    // somebody else's document in the middle of it
    await upload(eve, [kinds[2] as Sample]);
    const othersSeconds = await drained(eve, begun);
    const batchSeconds = await drained(ada, begun);
    done = true;
    const [busyP99, idleP99] = [quantile(await during, 0.99), quantile(idle, 0.99)];
    return [
      ...rows,
      { name: `p99 of a plain route while ${batchFiles.toLocaleString('en')} documents are processed vs idle`, unit: 'ms', ours: busyP99, baseline: idleP99, ratio: busyP99 / idleP99, target: { of: 'ratio', bound: 'at most', value: 2 } },
      { name: 'another team’s PDF in the middle of that batch, until it is done', unit: 's', ours: othersSeconds, baseline: batchSeconds, ratio: othersSeconds / batchSeconds, target: oursAtMost(10) },
      { name: 'memory of the server at its highest', unit: 'MiB', ours: (await residentMiB(kernel.pid)).peak, baseline: null, ratio: null, target: null },
    ];
  });
}
