import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { generateSigningKey, packageForm, signedPackage } from '../support/packages.ts';
import { testServer, type TestUser } from '../support/server.ts';
import { until } from '../support/messaging.ts';
import { openSocket } from '../support/socket.ts';

/* One server, real parsers, real recognition of text: documents of many kinds go through all their steps. */

const require = createRequire(import.meta.url);
const server = await testServer(t, { entries: plugins });
const [ada, eve] = [await server.register(), await server.register()];
const socket = await openSocket(server.url, ada.accessToken);
t.teardown(() => socket.close());
const waitMs = 60_000;

async function pdf(line: string, lock: (document: PDFDocument) => void = () => undefined): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const page = document.addPage([700, 200]);
  page.drawText(line, { x: 20, y: 120, size: 14, font: await document.embedFont(StandardFonts.Helvetica) });
  lock(document);
  return document.save();
}

const mail = 'From: Ana Silva <ana@example.org>\r\nTo: Bo <bo@example.org>\r\nSubject: The harbour lease\r\nDate: Mon, 5 Oct 2026 10:00:00 +0200\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDear Bo,\r\nthe lease of the harbour office ends in March. Please call me at +49 30 901820.\r\nAna\r\n';

async function upload(user: TestUser, filename: string, mimeType: string, content: Uint8Array | string, options: object = {}): Promise<string> {
  const form = new FormData();
  form.append('options', JSON.stringify(options));
  form.append('file', new Blob([typeof content === 'string' ? content : Uint8Array.from(content)], { type: mimeType }), filename);
  const { status, body } = await user.send('POST', '/api/files/upload', form);
  if (status !== 201) throw new Error(`${filename}: the upload answered ${status} ${JSON.stringify(body)}`);
  return body.id as string;
}

/** The socket's last word on a document. */
async function ended(id: string): Promise<{ event: string; data: Record<string, unknown> }> {
  const mine = (data: Record<string, unknown>) => data['documentId'] === id;
  const completed = socket.next('document:completed', mine, waitMs).then((data) => ({ event: 'document:completed', data }));
  const failed = socket.next('document:error', mine, waitMs).then((data) => ({ event: 'document:error', data }));
  return Promise.any([completed, failed]);
}

const codes = ({ data }: { data: Record<string, unknown> }) => (data['warnings'] as { code: string }[]).map(({ code }) => code);
const found = async (text: string, user = ada): Promise<string[]> => (await user.send('GET', `/api/files?text=${encodeURIComponent(text)}`)).body.items.map(({ filename }: { filename: string }) => filename);

t.test('documents of many kinds, each to its end', async (t) => {
  const photo = await readFile(require.resolve('exif-parser/test/starfish.jpg'));
  const [aPhoto, aPdf, aDocx, aMail, broken, locked] = await Promise.all([
    upload(ada, 'starfish.jpg', 'image/jpeg', photo),
    upload(ada, 'badge.pdf', 'application/pdf', await pdf('Badge HR-0042 was issued to Maria Gomez on 5 May 2026 in Lisbon.')),
    upload(ada, 'list.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', await readFile(require.resolve('mammoth/test/test-data/simple-list.docx'))),
    upload(ada, 'lease.eml', 'message/rfc822', mail),
    upload(ada, 'broken.jpg', 'image/jpeg', 'this is no photo at all'),
    upload(ada, 'locked.pdf', 'application/pdf', await pdf('Nobody reads this sentence.', (document) => document.encrypt({ userPassword: 'sesame', ownerPassword: 'open' }))),
  ]);

  t.match(await ended(aPhoto), { event: 'document:completed', data: { kind: 'image', location: { place: { name: 'List', country: 'Germany' } }, metadata: { camera: { make: 'Nokia' } } } });
  t.match(await ended(aPdf), { event: 'document:completed', data: { kind: 'document', summary: { pageCount: 1, language: 'en' } } });
  t.match(await ended(aDocx), { event: 'document:completed', data: { kind: 'document' } });
  t.match(await ended(aMail), { event: 'document:completed', data: { kind: 'document', summary: { classification: { label: 'e-mail' }, entities: { email: Number } } } });
  t.match(await ended(broken), { event: 'document:error', data: { error: { code: 'UNREADABLE_IMAGE' } } });
  const ofLocked = await ended(locked);
  t.equal(ofLocked.event, 'document:completed');
  t.ok(codes(ofLocked).includes('ENCRYPTED'));

  t.same(await found('harbour lease'), ['lease.eml']);
  t.same(await found('"Maria Gomez"'), ['badge.pdf']);
  t.same(await found('sentence'), [], 'what is encrypted stays unread');
  t.same(await found('harbour', eve), []);
});

t.test('an analysis by its job: asked for, followed, read, and nobody else’s', async (t) => {
  const id = await upload(ada, 'later.pdf', 'application/pdf', await pdf('Invoice 17, total 120.00 EUR, pay to DE89370400440532013000.'), { processImmediately: false });
  t.equal((await eve.send('POST', '/api/document-intelligence/analyze', { documentId: id })).status, 404);
  const started = await ada.send('POST', '/api/document-intelligence/analyze', { documentId: id, options: { ocr: 'off' } });
  t.match(started, { status: 202, body: { documentId: id, status: 'queued' } });
  const path = `/api/document-intelligence/results/${started.body.jobId}`;
  t.equal((await ada.send('GET', path)).status, 200);
  t.equal((await eve.send('GET', path)).status, 404);
  t.match(await ended(id), { event: 'document:completed' });
  const { body } = await ada.send('GET', `${path}?include=entities`);
  t.match(body, { status: 'completed', progress: 1, error: null });
  t.same(body.steps.filter(({ state }: { state: string }) => state !== 'completed'), [], 'every step ran');
  t.match(body.results, { metadata: { status: 'ok' }, text: { status: 'ok', pageCount: 1 }, entities: { counts: { iban: 1 } }, security: { findings: [] } });
  t.ok(body.entities.items[0].found.some(({ type }: { type: string }) => type === 'iban'));
});

/** Pages that show a photo and have no text: seconds of recognising each. */
async function scan(pages: number): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const picture = await document.embedJpg(await readFile(require.resolve('exif-parser/test/starfish.jpg')));
  for (let page = 0; page < pages; page += 1) document.addPage([640, 360]).drawImage(picture, { x: 0, y: 0, width: 640, height: 360 });
  return document.save();
}

t.test('called off while pages are being recognised', async (t) => {
  const id = await upload(ada, 'scan.pdf', 'application/pdf', await scan(30), { processImmediately: false });
  const { jobId } = (await ada.send('POST', '/api/document-intelligence/analyze', { documentId: id })).body;
  const path = `/api/document-intelligence/results/${jobId}`;
  await until(async () => (await ada.send('GET', path)).body.stage === 'text', waitMs);
  t.match(await ada.send('POST', `${path}/cancel`), { status: 200, body: { cancelled: true } });
  t.match((await ada.send('GET', path)).body, { status: 'cancelled' });
  t.match((await ada.send('GET', `/api/files/${id}/status`)).body, { status: 'failed', error: { code: 'CANCELLED' } });
  t.match((await ada.send('POST', `${path}/cancel`)).body, { cancelled: false });
  // what comes after it has the pages' turn
  const next = await upload(ada, 'after.txt', 'text/plain', 'A text that is read after the scan of thirty pages was called off.');
  t.match(await ended(next), { event: 'document:completed' });
  t.notOk(socket.frames.some(({ event, data }) => event === 'document:completed' && data['documentId'] === id));
});

t.test('a sandboxed plugin of a third party adds a recogniser and a finding, and holds nobody up', async (t) => {
  const key = generateSigningKey();
  const pkg = await signedPackage(new URL('fixtures/house-rules/', import.meta.url), key);
  t.equal((await ada.send('POST', '/api/plugins/keys', { publisher: pkg.publisher, publicKey: key.publicKey })).status, 201);
  t.equal((await ada.send('POST', '/api/plugins/upload', packageForm(pkg.bytes))).status, 201);
  t.match(await ada.send('POST', '/api/plugins/install', { pluginId: pkg.id, grants: pkg.capabilities }), { status: 201, body: { runtime: 'sandboxed' } });

  const id = await upload(ada, 'badge.txt', 'text/plain', 'The door of the archive was opened with badge HR-0042 this morning, and nobody knows by whom.');
  const { data } = await ended(id);
  t.match(data['summary'], { entities: { 'badge-number': 1 }, security: { medium: 1 } });
  const { body } = await ada.send('GET', `/api/document-intelligence/results/${String(data['runId'])}?include=entities`);
  t.match(body, { labels: ['unstamped'] });
  t.ok(body.results.security.findings.some(({ code }: { code: string }) => code === 'HOUSE_RULE'));
  t.match(body.entities.items[0].found.find(({ type }: { type: string }) => type === 'badge-number'), { text: 'HR-0042' });

  const stuck = await upload(ada, 'stuck.txt', 'text/plain', 'A text that the other plugin never gets done with, however long one waits for it.');
  t.match(await ended(stuck), { event: 'document:completed', data: { summary: { security: {} } } });
  const theirs = await openSocket(server.url, eve.accessToken);
  t.teardown(() => theirs.close());
  const other = await upload(eve, 'theirs.txt', 'text/plain', 'Badge HR-0042 of another team, which has no such plugin and never asked for one.');
  const ofOther = await theirs.next('document:completed', (one) => one['documentId'] === other, waitMs);
  t.same((ofOther['summary'] as { entities: Record<string, number> }).entities['badge-number'], undefined);
});

t.test('insights, and a redacted copy in which the names are really gone', async (t) => {
  const redact = '/api/document-intelligence/redact';
  const line = 'The parcel for Oliver Brandt of harbour street was paid from GB82WEST12345698765432 today.';
  const id = await upload(ada, 'parcel.pdf', 'application/pdf', await pdf(line));
  t.match(await ended(id), { event: 'document:completed' });
  const insights = await ada.send('GET', `/api/document-intelligence/insights/${id}`);
  t.match(insights, { status: 200, body: { documentId: id, privacy: { notLookedAt: [] }, redact: [{ count: 1, pages: [1] }, { count: 1, pages: [1] }] } });
  t.ok(insights.body.privacy.score < 90);
  t.equal((await eve.send('GET', `/api/document-intelligence/insights/${id}`)).status, 404);

  t.equal((await eve.send('POST', redact, { documentId: id })).status, 404);
  const made = await ada.send('POST', redact, { documentId: id });
  t.match(made, { status: 201, body: { originalId: id, filename: 'parcel.redacted.pdf', counts: { person: 1, iban: 1 } } });
  const copy = made.body.documentId as string;
  t.match(await ended(copy), { event: 'document:completed' });
  t.same((await found('parcel')).toSorted(), ['parcel.pdf', 'parcel.redacted.pdf'], 'what is left can still be read');
  for (const gone of ['Oliver', 'Brandt', 'GB82WEST12345698765432']) t.same(await found(gone), ['parcel.pdf'], gone);

  const text = 'Oliver Brandt called.';
  const hidden = await ada.send('POST', redact, { text, mode: 'encrypt' });
  t.notMatch(hidden.body.text, /Oliver/);
  t.match((await ada.send('POST', `${redact}/restore`, { text: hidden.body.text, sealed: hidden.body.sealed })).body, { text });
  t.equal((await eve.send('POST', `${redact}/restore`, { text: hidden.body.text, sealed: hidden.body.sealed })).status, 400);
  const [first, second] = await Promise.all([1, 2].map(() => ada.send('POST', redact, { text, mode: 'hash' })));
  t.match(first?.body.text, /^\[PERSON:[0-9a-f]{16}\] called\.$/);
  t.equal(first?.body.text, second?.body.text, 'two at once have one key');
});
