import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument, PDFName, PDFString } from '@cantoo/pdf-lib';
import { createHarness } from '@proofpix/sdk/testing';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import t from 'tap';
import { extractText } from 'unpdf';
import plugin from '../plugin.ts';
import { openPdf } from '../text/pdf/open-pdf.ts';
import { fixturePath, photo } from '../test/fixtures.ts';
import { docx, paragraph, zipOf } from '../test/office-files.ts';
import { encryptedOffice } from '../test/ole-files.ts';
import { pictureWith, position } from '../test/pictures.ts';

const { resolve } = createRequire(import.meta.url);
const script = createRequire(resolve('exiftool-vendored')).resolve('exiftool-vendored.pl').replace(/index\.js$/, 'bin/exiftool');
const h = createHarness(plugin);
const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const canary = 'Canary-9137';

async function strip(content: Uint8Array | string, mimeType: string): Promise<{ content: Buffer; mimeType: string; removed: string[] }> {
  const { handle } = await h.shareFile(content, { mimeType });
  const before = h.jobs.length;
  const made = (await h.serve('parsers.privacy', 'strip', { file: handle, mimeType })) as { file: string; mimeType: string; sizeBytes: number; removed: string[] };
  const jobs = h.jobs.slice(before);
  t.same(jobs.map(({ name }) => name), ['drop-copy'], 'one job that deletes the copy');
  const stripped = h.fileBytes(String((jobs[0]?.data as { fileId?: string } | undefined)?.fileId));
  t.equal(stripped?.length, made.sizeBytes);
  return { content: Buffer.from(stripped ?? []), mimeType: made.mimeType, removed: made.removed };
}

/** Copies that were made, for one look at all of them at the end: starting perl is what takes time. */
const copies: { name: string; content: Uint8Array; groups: RegExp }[] = [];
const structural = /^(?:JFIF|Adobe|ICC.*|IFD0|PNG.*|RIFF|GIF|Meta|QuickTime|ItemList|Track\d+|PDF)$/;
const pixels = async (content: Uint8Array) => await sharp(content, { animated: true }).raw().toBuffer();

t.test('what cannot be copied without its metadata is refused', async (test) => {
  const locked = await PDFDocument.create();
  locked.addPage();
  locked.encrypt({ userPassword: 'secret', ownerPassword: 'other' });
  const table: readonly (readonly [name: string, content: Uint8Array | string, mimeType: string, code: string])[] = [
    ['nothing', '', 'image/jpeg', 'FILE_DAMAGED'],
    ['plain text', 'hello', 'text/plain', 'FILE_UNSUPPORTED'],
    ['an archive', zipOf({ 'a.txt': 'x' }), 'application/zip', 'FILE_UNSUPPORTED'],
    ['a JPEG of three bytes', Buffer.from([0xff, 0xd8, 0xff]), 'image/jpeg', 'FILE_DAMAGED'],
    ['a PDF that is none', '%PDF-1.7\nnothing', 'application/pdf', 'FILE_DAMAGED'],
    ['a PDF behind a password', await locked.save(), 'application/pdf', 'FILE_ENCRYPTED'],
    ['an Office file behind a password', encryptedOffice(), word, 'FILE_UNSUPPORTED'],
    ['a zip bomb', zipOf({ '[Content_Types].xml': '<Types/>', 'word/document.xml': new Uint8Array(9_000_000) }, 9), word, 'FILE_TOO_LARGE'],
    ['half an archive', docx(paragraph('text')).subarray(0, 200), word, 'FILE_DAMAGED'],
  ];
  for (const [name, content, mimeType, code] of table) await test.rejects(strip(content, mimeType), { code }, name);
  test.same(h.jobs, [], 'nothing was made');
});

t.test('photos keep their pixels and their orientation, and lose the rest', async (test) => {
  for (const original of [await photo('starfish'), await photo('beijing'), await readFile(fixturePath('exif-js', 'example/DSCN0614_small.jpg'))]) {
    const made = await strip(Buffer.concat([original, Buffer.from(canary)]), 'image/jpeg');
    copies.push({ name: `photo ${copies.length}`, content: made.content, groups: /^(?:JFIF|Adobe|ICC.*|IFD0)$/ });
    test.ok((await pixels(made.content)).equals(await pixels(original)), 'the same pixels');
    test.equal((await sharp(made.content).metadata()).orientation, (await sharp(original).metadata()).orientation);
    test.notOk(made.content.includes(canary));
    test.ok(made.removed.includes('ExifIFD') && made.removed.includes('Trailer'));
  }
});

t.test('every format', async (test) => {
  const xmp = `<dc:creator><rdf:Seq><rdf:li>${canary}</rdf:li></rdf:Seq></dc:creator>`;
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const) {
    const original = await pictureWith({ xmp, exif: { IFD0: { Artist: canary, ImageDescription: canary, Software: canary }, IFD3: position } }).withIccProfile('p3').toFormat(format).toBuffer();
    const made = await strip(original, `image/${format}`);
    test.ok((await pixels(made.content)).equals(await pixels(original)), `${format}: the same pixels`);
    test.notOk(made.content.includes(canary), `${format}: nobody is named`);
    copies.push({ name: format, content: made.content, groups: structural });
    if (format !== 'gif') test.ok((await sharp(made.content).metadata()).icc, `${format}: the colours are those`);
  }
});

t.test('a PDF is written anew', async (test) => {
  const document = await PDFDocument.create();
  const page = document.addPage([200, 200]);
  page.drawText('What is written stays');
  const picture = await document.embedJpg(await pictureWith({ exif: { IFD0: { Artist: canary } } }).jpeg().toBuffer());
  page.drawImage(picture, { x: 10, y: 10 });
  document.setAuthor(canary);
  document.setTitle(canary);
  document.catalog.set(PDFName.of('Metadata'), document.context.register(document.context.stream(`<x>${canary}</x>`, { Type: 'Metadata', Subtype: 'XML' })));
  document.addJavaScript('a', `app.alert("${canary}")`);
  await document.attach(Buffer.from(canary), `${canary}.txt`);
  const note = document.context.obj({ Type: 'Annot', Subtype: 'Text', Rect: [0, 0, 9, 9], T: PDFString.of(canary), M: PDFString.of('D:2020'), Contents: PDFString.of('a note') });
  page.node.set(PDFName.of('Annots'), document.context.obj([document.context.register(note)]));
  document.context.register(PDFString.of(canary));
  const original = await document.save({ useObjectStreams: false });
  const made = await strip(original, 'application/pdf');
  const opened = await PDFDocument.load(made.content, { updateMetadata: false });
  test.equal(opened.getPageCount(), 1);
  test.equal(opened.getAuthor(), undefined);
  // Every stream expanded, so that nothing hides in a packed one.
  const plain = Buffer.from(await opened.save({ useObjectStreams: false }));
  test.notOk(plain.includes(canary));
  test.notOk(plain.includes('JavaScript'));
  test.ok(plain.includes('a note'));
  copies.push({ name: 'PDF', content: made.content, groups: /^PDF$/ });
  for (const what of ['Info', 'Metadata', 'EmbeddedFiles', 'JavaScript', 'Picture metadata', 'Annotation authors']) test.ok(made.removed.includes(what), what);
  const real = await strip(await readFile(fixturePath('pdf-parse', 'test/data/01-valid.pdf')), 'application/pdf');
  copies.push({ name: 'real PDF', content: real.content, groups: /^PDF$/ });
  const wordsOf = async (content: Uint8Array) => (await extractText(await openPdf(new Uint8Array(content)))).text;
  test.same(await wordsOf(real.content), await wordsOf(await readFile(fixturePath('pdf-parse', 'test/data/01-valid.pdf'))), 'every word of every page');
});

t.test('forms, links and pages of PDFs stay, earlier states and protection go', async (test) => {
  const document = await PDFDocument.create();
  const page = document.addPage();
  const field = document.getForm().createTextField('name of the field');
  field.setText('filled in');
  field.addToPage(page);
  const link = document.context.obj({ Type: 'Annot', Subtype: 'Link', Rect: [0, 0, 9, 9], A: { S: 'URI', URI: PDFString.of('https://example.org/stays') } });
  page.node.addAnnot(document.context.register(link));
  const opened = await PDFDocument.load((await strip(await document.save(), 'application/pdf')).content);
  test.equal(opened.getForm().getTextField('name of the field').getText(), 'filled in');
  test.ok(Buffer.from(await opened.save({ useObjectStreams: false })).includes('https://example.org/stays'));
  const printable = await PDFDocument.create();
  printable.addPage();
  printable.encrypt({ userPassword: '', ownerPassword: 'other' });
  test.notOk((await strip(await printable.save(), 'application/pdf')).content.includes('/Encrypt'));
  const first = Buffer.from(await (await PDFDocument.create()).save({ useObjectStreams: false }));
  const catalog = /(\d+) 0 obj\s*<<\s*\/Type \/Catalog[^]*?>>/.exec(first.toString('latin1'));
  const start = /startxref\s+(\d+)/.exec(first.toString('latin1'))?.[1];
  const body = `\n90 0 obj (${canary}) endobj\n`;
  const update = `${body}xref\n90 1\n${String(first.length + 1).padStart(10, '0')} 00000 n \ntrailer\n<< /Size 91 /Root ${catalog?.[1]} 0 R /Prev ${start} >>\nstartxref\n${first.length + body.length}\n%%EOF\n`;
  const updated = await strip(Buffer.concat([first, Buffer.from(update)]), 'application/pdf');
  test.equal(updated.content.toString('latin1').match(/%%EOF/g)?.length, 1);
  test.notOk(updated.content.includes(canary));
});

t.test('Office and OpenDocument packages', async (test) => {
  const original = zipOf({
    '[Content_Types].xml': '<Types><Override PartName="/docProps/core.xml" ContentType="x"/><Override PartName="/word/document.xml" ContentType="y"/></Types>',
    '_rels/.rels': '<Relationships><Relationship Id="1" Type="a/officeDocument" Target="word/document.xml"/><Relationship Id="2" Type="a/core-properties" Target="docProps/core.xml"/></Relationships>',
    'docProps/core.xml': `<a><dc:creator>${canary}</dc:creator></a>`,
    'word/document.xml': `<w:document><w:p w:rsidR="00A1"><w:ins w:id="1" w:author="${canary}" w:date="2020-01-01T00:00:00Z"><w:r><w:t>text &amp; more</w:t></w:r></w:ins></w:p></w:document>`,
    'word/comments.xml': `<w:comments><w:comment w:id="0" w:author="${canary}" w:initials="${canary}" w:date="2020-01-01T00:00:00Z"/></w:comments>`,
    'word/people.xml': `<w15:people>${canary}</w15:people>`,
    'word/media/image1.jpg': await pictureWith({ exif: { IFD0: { Artist: canary } } }).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'word/media/image2.png': await pictureWith({ exif: { IFD0: { Artist: canary } } }).png().toBuffer(),
  });
  const made = await strip(original, word);
  const parts = unzipSync(made.content);
  const textOf = (name: string) => Buffer.from(parts[name] ?? []).toString();
  for (const [name, bytes] of Object.entries(parts)) test.notOk(Buffer.from(bytes).includes(canary), name);
  test.same(Object.keys(parts), ['[Content_Types].xml', '_rels/.rels', 'word/document.xml', 'word/comments.xml', 'word/media/image1.jpg', 'word/media/image2.png']);
  test.equal(textOf('word/document.xml'), '<w:document><w:p><w:ins w:id="1" w:author="Author"><w:r><w:t>text &amp; more</w:t></w:r></w:ins></w:p></w:document>');
  test.notMatch(textOf('_rels/.rels') + textOf('[Content_Types].xml'), /docProps/);
  test.equal((await sharp(parts['word/media/image1.jpg']).metadata()).orientation, 6);
  test.ok((await pixels(parts['word/media/image2.png'] ?? new Uint8Array())).equals(await pixels(unzipSync(original)['word/media/image2.png'] ?? new Uint8Array())));
  test.ok(made.content.subarray(0, 30).readUInt16LE(12) === 33, 'no time but 1980');
  const open = zipOf({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': `<a><dc:creator>${canary}</dc:creator><text:p>stays</text:p></a>`, 'meta.xml': `<a>${canary}</a>`, 'Thumbnails/thumbnail.png': canary, 'META-INF/manifest.xml': '<m><manifest:file-entry manifest:full-path="Thumbnails/thumbnail.png"/></m>' });
  const clean = await strip(open, 'application/vnd.oasis.opendocument.text');
  test.same(clean.removed.toSorted(), ['Thumbnails/thumbnail.png', 'authors', 'meta.xml']);
  test.notOk(Object.values(unzipSync(clean.content)).some((bytes) => Buffer.from(bytes).includes(canary)));
  test.equal(clean.content.subarray(30, 38).toString(), 'mimetype');
  const { default: mammoth } = await import('mammoth');
  const comments = await readFile(fixturePath('mammoth', 'test/test-data/comments.docx'));
  const before = await mammoth.extractRawText({ buffer: comments });
  test.equal((await mammoth.extractRawText({ buffer: (await strip(comments, word)).content })).value, before.value, 'still a Word file');
});

t.test('ExifTool finds nothing in the copies but what their pixels need', async (test) => {
  const folder = await mkdtemp(join(tmpdir(), 'stripped-'));
  test.teardown(() => rm(folder, { recursive: true }));
  const paths = await Promise.all(copies.map(async ({ content }, at) => (await writeFile(join(folder, `${at}`), content), join(folder, `${at}`))));
  // With unknown tags, duplicates and what is embedded.
  const found = JSON.parse(execFileSync('perl', [script, '-config', '', '-json', '-g1', '-a', '-u', '-ee3', ...paths], { encoding: 'utf8', stdio: 'pipe' })) as Record<string, Record<string, unknown>>[];
  test.equal(found.length, copies.length);
  for (const [at, { name, groups }] of copies.entries()) {
    const all = Object.keys(found[at] ?? {}).filter((group) => !['SourceFile', 'ExifTool', 'System', 'File', 'Composite'].includes(group));
    test.same(all.filter((group) => !groups.test(group)), [], name);
    test.notOk(JSON.stringify(found[at]?.['IFD0'] ?? {}).match(/Artist|Software|Make|Model|Date/), name);
  }
});
