import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { PDFDict, PDFDocument, PDFName, PDFRawStream, decodePDFRawStream, rgb } from '@cantoo/pdf-lib';
import sharp from 'sharp';
import t from 'tap';
import { fixturePath } from '../test/fixtures.ts';
import { harness, readText } from '../test/parse.ts';
import { flateStream, onePage, rawPdf, textPdf } from '../test/pdf-files.ts';

interface Marks {
  spans?: { page: number; start: number; end: number }[];
  areas?: { page: number; x: number; y: number; width: number; height: number; of?: { width: number; height: number } }[];
}

async function redact(content: Uint8Array, { spans = [], areas = [] }: Marks) {
  const { handle } = await harness.shareFile(content, { mimeType: 'application/pdf' });
  const made = (await harness.serve('parsers.privacy', 'redactPdf', { file: handle, spans, areas })) as { file: string; mimeType: string; sizeBytes: number; redactedPages: number[] };
  const fileId = harness.jobs.findLast(({ name }) => name === 'drop-copy')?.data['fileId'];
  return { ...made, content: Uint8Array.from(harness.fileBytes(String(fileId)) ?? []) };
}

/** Everything a PDF holds, streams expanded, strings as they are. */
async function everything(content: Uint8Array): Promise<string> {
  const document = await PDFDocument.load(content, { updateMetadata: false });
  const parts = [Buffer.from(content).toString('latin1')];
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    parts.push(object.toString());
    if (!(object instanceof PDFRawStream)) continue;
    // Pictures are packed with a predictor that is not undone here: pixels are no letters.
    const isPicture = object.dict.lookup(PDFName.of('Subtype'))?.toString() === '/Image';
    parts.push(Buffer.from(isPicture ? inflateSync(object.contents) : decodePDFRawStream(object).decode()).toString('latin1'));
  }
  return parts.join('\n');
}

/** Words as a content stream may write them: plain, or in hexadecimal as pdf-lib does. */
const spellings = (word: string): string[] => [word, Buffer.from(word).toString('hex'), Buffer.from(word).toString('hex').toUpperCase(), Buffer.from(word, 'utf16le').swap16().toString('latin1')];

async function pixelsOf(content: Uint8Array, page: number, maxEdge = 792): Promise<{ data: Buffer; width: number; at(x: number, y: number): number }> {
  const { handle } = await harness.shareFile(content, { mimeType: 'application/pdf' });
  const shown = (await harness.serve('parsers.pages', 'render', { file: handle, page, maxEdge })) as { base64: string };
  const { data, info } = await sharp(Buffer.from(shown.base64, 'base64')).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, at: (x, y) => data[Math.round(y) * info.width + Math.round(x)] as number };
}

const spanOf = (text: string, word: string, page: number) => ({ page, start: text.indexOf(word), end: text.indexOf(word) + word.length });

t.test('redacted words are nowhere in the copy, and what is beside them stays readable', async (test) => {
  const content = await textPdf([['Invoice for Wilhelmina Oxenbridge, account 4929', 'Total 100 EUR'], ['Second page stays']], (document) => {
    document.setAuthor('Wilhelmina Oxenbridge');
    document.setTitle('About Wilhelmina');
  });
  const before = await readText(content, { mimeType: 'application/pdf' });
  const made = await redact(content, { spans: [spanOf(before.pages[0]?.text ?? '', 'Wilhelmina Oxenbridge', 1)] });
  test.match(made, { mimeType: 'application/pdf', sizeBytes: made.content.length, redactedPages: [1] });
  const all = await everything(made.content);
  for (const word of ['Wilhelmina', 'Oxenbridge', 'Invoice']) for (const spelling of spellings(word)) test.notOk(all.includes(spelling), `${word} is gone`);
  test.ok(spellings('Second').some((spelling) => all.includes(spelling)), 'and this search would have found it');
  const after = await readText(made.content, { mimeType: 'application/pdf' });
  test.match(after, { status: 'ok', pageCount: 2, withoutText: [1] });
  test.same(after.pages[0]?.text.trim(), '');
  test.equal(after.pages[1]?.text, 'Second page stays', 'the other page keeps its text');
  const [was, is] = [await pixelsOf(content, 1), await pixelsOf(made.content, 1)];
  // Helvetica of 12 points: the name stands from 132 to 255, on the line at 792 − 720.
  for (const x of [134, 180, 230, 252]) for (const y of [63, 67, 72, 74]) test.equal(is.at(x, y), 0, `black at ${x}, ${y}`);
  test.ok(Array.from({ length: 50 }, (_, x) => is.at(74 + x, 68)).some((value) => value > 200), 'the word before is seen');
  const rowOf = (picture: typeof is) => Array.from({ length: 100 }, (_, x) => picture.at(72 + x, 92));
  const difference = rowOf(was).reduce((sum, value, at) => sum + Math.abs(value - (rowOf(is)[at] as number)), 0) / 100;
  test.ok(difference < 30, `the next line looks as before (${difference})`);
  test.equal(harness.jobs.filter(({ name }) => name === 'drop-copy').length, 1, 'the copy does not stay for ever');
});

t.test('an area is black, in points and in pixels of a picture, on a turned page too', async (test) => {
  const content = await textPdf([['One'], ['Two']], (document) => {
    for (const page of document.getPages()) page.drawRectangle({ x: 0, y: 0, width: 612, height: 792, color: rgb(0.9, 0.9, 0.9) });
    document.getPages()[1]?.setRotation({ type: 'degrees', angle: 90 } as never);
  });
  const made = await redact(content, { areas: [{ page: 1, x: 100, y: 200, width: 50, height: 20 }, { page: 2, x: 10, y: 20, width: 20, height: 10, of: { width: 396, height: 306 } }] });
  test.same(made.redactedPages, [1, 2]);
  const first = await pixelsOf(made.content, 1);
  test.same([first.at(125, 210), first.at(102, 202), first.at(148, 218)], [0, 0, 0]);
  test.ok(first.at(95, 210) > 200 && first.at(125, 225) > 200);
  const second = await pixelsOf(made.content, 2);
  test.equal(second.width, 792, 'the page is as wide as it was seen');
  test.same([second.at(40, 50), second.at(22, 42), second.at(58, 58)], [0, 0, 0]);
  test.ok(second.at(15, 50) > 200 && second.at(40, 65) > 200);
});

t.test('a copied page takes nothing along that another page shows, nor notes, scripts, attachments or layers', async (test) => {
  const form = (words: string) => flateStream(Buffer.from(`BT /F1 12 Tf 72 700 Td (${words}) Tj ET`), '/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources 7 0 R');
  const content = rawPdf([
    '<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\("SCRIPTED"\\))>>/Metadata 10 0 R/Names<</EmbeddedFiles<</Names[(a.txt) 11 0 R]>>>>>>',
    '<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/Resources 7 0 R/MediaBox[0 0 612 792]>>',
    '<</Type/Page/Parent 2 0 R/Contents 5 0 R/Annots[9 0 R]/PieceInfo<</X<</Private(PRIVATE)>>>>>>',
    '<</Type/Page/Parent 2 0 R/Contents 6 0 R>>',
    flateStream(Buffer.from('/Kept Do')),
    flateStream(Buffer.from('/Gone Do')),
    '<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>/XObject<</Kept 8 0 R/Gone 12 0 R>>>>',
    form('Open words'),
    '<</Type/Annot/Subtype/Text/Rect[10 10 20 20]/Contents(ANNOTATED)>>',
    flateStream(Buffer.from('<x:xmpmeta>DESCRIBED</x:xmpmeta>'), '/Type/Metadata/Subtype/XML'),
    '<</Type/Filespec/F(ATTACHED)>>',
    form('SECRETIVE'),
  ]);
  const text = (await readText(content, { mimeType: 'application/pdf' })).pages.map((page) => page.text);
  test.same(text, ['Open words', 'SECRETIVE']);
  const made = await redact(content, { spans: [{ page: 2, start: 0, end: 9 }] });
  const all = await everything(made.content);
  for (const word of ['SECRETIVE', 'ANNOTATED', 'SCRIPTED', 'PRIVATE', 'DESCRIBED', 'ATTACHED', 'JavaScript', 'EmbeddedFiles']) test.notOk(all.includes(word), word);
  test.same((await readText(made.content, { mimeType: 'application/pdf' })).pages[0]?.text, 'Open words');
  test.equal(made.redactedPages.length, 1);
});

t.test('real papers are redacted where their text stands', async (test) => {
  const content = new Uint8Array(await readFile(fixturePath('pdf-parse', 'test/data/04-valid.pdf')));
  const before = await readText(content, { mimeType: 'application/pdf' });
  const page = before.pages[0]?.text ?? '';
  const made = await redact(content, { spans: [spanOf(page, 'medsci@tubitak.gov.tr', 1)] });
  const after = await readText(made.content, { mimeType: 'application/pdf' });
  test.match(after, { status: 'ok', pageCount: 5, withoutText: [1] });
  test.same(after.pages.slice(1), before.pages.slice(1));
  const document = await PDFDocument.load(made.content, { updateMetadata: false });
  test.same(document.catalog.keys().map(String).filter((name) => name !== '/Type' && name !== '/Pages'), []);
  test.notOk(document.context.trailerInfo.Info, 'no information dictionary');
  test.ok(document.getPages().every((shown) => !(shown.node.get(PDFName.of('Annots')) instanceof PDFDict)));
});

t.test('earlier versions go, and a lock that no password opens is no hindrance', async (test) => {
  const older = onePage(Buffer.from('BT /F1 12 Tf 72 700 Td (FORMERLY) Tj ET'));
  const body = 'BT /F1 12 Tf 72 700 Td (Today) Tj ET';
  const at = older.length;
  const object = `4 0 obj\n<</Length ${body.length}>>\nstream\n${body}\nendstream\nendobj\n`;
  const start = Buffer.from(older).toString('latin1').lastIndexOf('xref\n0');
  const newer = `${object}xref\n4 1\n${String(at).padStart(10, '0')} 00000 n \ntrailer\n<</Size 5/Root 1 0 R/Prev ${start}>>\nstartxref\n${at + object.length}\n%%EOF\n`;
  const made = await redact(Buffer.concat([older, Buffer.from(newer)]), {});
  test.same((await readText(made.content)).pages, [{ page: 1, text: 'Today' }]);
  test.notOk((await everything(made.content)).includes('FORMERLY'));
  const locked = await textPdf([['secret words'], ['open words']], (document) => document.encrypt({ userPassword: '', ownerPassword: 'y' }));
  const opened = await redact(locked, { spans: [{ page: 1, start: 0, end: 6 }] });
  test.match(await readText(opened.content), { status: 'ok', withoutText: [1], pages: [{ text: '' }, { text: 'open words' }] });
});

t.test('what cannot be redacted is refused, and nothing is handed over', async (test) => {
  const words = await textPdf([['Words']]);
  const locked = await textPdf([['secret']], (document) => document.encrypt({ userPassword: 'x', ownerPassword: 'y' }));
  const span = { page: 1, start: 0, end: 3 };
  await test.rejects(redact(words, { spans: [{ page: 1, start: 2, end: 6 }] }), { code: 'VALIDATION_ERROR' }, 'beyond the text');
  await test.rejects(redact(words, { spans: [{ page: 2, start: 0, end: 1 }] }), { code: 'VALIDATION_ERROR' }, 'beyond the pages');
  await test.rejects(redact(words, { areas: [{ page: 3, x: 0, y: 0, width: 1, height: 1 }] }), { code: 'VALIDATION_ERROR' });
  await test.rejects(redact(locked, { spans: [span] }), { code: 'FILE_ENCRYPTED' });
  await test.rejects(redact(words.subarray(0, 200), { spans: [span] }), { code: 'FILE_DAMAGED' });
  await test.rejects(redact(Buffer.from('no PDF'), { spans: [span] }), { code: 'FILE_DAMAGED' });
  const { length } = harness.jobs;
  await test.rejects(redact(onePage(Buffer.from('/X Do')).subarray(0, 90), {}), { code: 'FILE_DAMAGED' });
  test.equal(harness.jobs.length, length);
});
