import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { PDFDocument, PDFName, PDFString } from '@cantoo/pdf-lib';
import { createHarness } from '@proofpix/sdk/testing';
import cfb from 'cfb';
import t from 'tap';
import plugin from '../plugin.ts';
import { fixturePath, photo } from '../test/fixtures.ts';
import { docx, openDocument, paragraph, pptx, xlsx, zipOf } from '../test/office-files.ts';
import { encryptedOffice } from '../test/ole-files.ts';
import { pictureWith, pixelBomb, position } from '../test/pictures.ts';

interface Report {
  status: string;
  findings: { code: string; severity: string; where: string | null }[];
  warnings: { code: string }[];
}

const h = createHarness(plugin);
const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

async function inspect(content: Uint8Array | string, mimeType = 'application/octet-stream', filename?: string, confined = false): Promise<Report> {
  const { handle } = await h.shareFile(content, { mimeType });
  return (await h.serve('parsers.structure', 'inspect', { file: handle, mimeType, ...(filename === undefined ? {} : { filename }) }, { confined })) as unknown as Report;
}
/** `CODE severity`, each once. */
async function codesOf(...args: Parameters<typeof inspect>): Promise<string[]> {
  const { findings } = await inspect(...args);
  return [...new Set(findings.map(({ code, severity }) => `${code} ${severity}`))].toSorted();
}

t.test('what is hostile gets a status, never a crash', async (test) => {
  const bomb = zipOf({ '[Content_Types].xml': '<Types/>', 'word/document.xml': new Uint8Array(9_000_000) }, 9);
  const laughs = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, at) => `<!ENTITY a${at} "&a${at - 1 < 0 ? '' : at - 1};&a;&a;">`).join('')}]><l>&a8;</l>`;
  const table: readonly (readonly [name: string, content: Uint8Array | string, mimeType: string, status: string])[] = [
    ['nothing', '', 'application/pdf', 'empty'],
    ['a zip bomb', bomb, word, 'too-large'],
    ['half an archive', docx(paragraph('text')).subarray(0, 200), word, 'damaged'],
    ['a PDF of its first line', '%PDF-1.7\n', 'application/pdf', 'damaged'],
    ['a package behind a password', encryptedOffice(), word, 'encrypted'],
    ['a compound file that is none', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600, 7)]), 'application/msword', 'damaged'],
    ['a pixel bomb', pixelBomb(), 'image/png', 'ok'],
    ['billion laughs', laughs, 'application/xml', 'ok'],
    ['billion laughs in Word', docx(paragraph('&a;'), {}, '<!DOCTYPE l [<!ENTITY a "&b;&b;">]>'), word, 'ok'],
    ['noise', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251)), 'application/octet-stream', 'unsupported'],
    ['deep brackets', `%PDF-1.7\n1 0 obj ${'['.repeat(200_000)} endobj`, 'application/pdf', 'ok'],
    ['an object stream that expands too far', Buffer.concat([Buffer.from('%PDF-1.7\n1 0 obj <</Type/ObjStm/N 1/First 5/Filter/FlateDecode>> stream\n'), deflateSync(new Uint8Array(100_000_000)), Buffer.from('\nendstream endobj')]), 'application/pdf', 'ok'],
  ];
  for (const [name, content, mimeType, status] of table) test.equal((await inspect(content, mimeType)).status, status, name);
  test.ok((await codesOf(laughs, 'application/xml')).includes('ENTITY_EXPANSION high'));
});

t.test('files that carry nothing show nothing', async (test) => {
  test.same(await codesOf(docx(paragraph('text')), word, 'a.docx'), []);
  test.same(await codesOf(await pictureWith({}).jpeg().toBuffer(), 'image/jpeg', 'a.jpg'), []);
  test.same(await codesOf('Name,Sum\nAda,3\n', 'text/csv', 'a.csv'), []);
  const plain = await PDFDocument.create();
  plain.addPage();
  test.same(await codesOf(await plain.save(), 'application/pdf', 'a.pdf'), [], 'a PDF with its objects in streams');
});

t.test('Office packages', async (test) => {
  const relation = (type: string, target: string) => `<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}" TargetMode="External"/></Relationships>`;
  const beside = (entries: Record<string, string | Uint8Array>) => zipOf({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<w:document/>', ...entries });
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [beside({ 'word/vbaProject.bin': 'x' }), 'MACROS high'],
    [beside({ 'word/embeddings/oleObject1.bin': 'x' }), 'EMBEDDED_FILE medium'],
    [beside({ 'word/activeX/activeX1.bin': 'x' }), 'EMBEDDED_SCRIPT high'],
    [beside({ 'word/_rels/settings.xml.rels': relation('attachedTemplate', 'https://example.org/t.dotm') }), 'EXTERNAL_REFERENCE high'],
    [beside({ 'word/_rels/document.xml.rels': relation('hyperlink', 'https://example.org') }), 'EXTERNAL_REFERENCE info'],
    [beside({ 'word/_rels/document.xml.rels': relation('image', String.raw`\\host\share\a.png`) }), 'EXTERNAL_REFERENCE high'],
    [docx('<w:p><w:ins w:author="Ada"><w:r><w:t>new</w:t></w:r></w:ins></w:p>'), 'REVISIONS medium'],
    [docx('<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>'), 'HIDDEN_TEXT medium'],
    [docx('<w:p><w:instrText>DDEAU</w:instrText><w:instrText>TO c:\\\\cmd.exe "/k"</w:instrText></w:p>'), 'DDE high'],
    [beside({ 'word/comments.xml': '<w:comments><w:comment w:id="1"/></w:comments>' }), 'COMMENTS low'],
    [beside({ 'docProps/core.xml': '<cp:coreProperties><dc:creator>Ada</dc:creator></cp:coreProperties>' }), 'AUTHOR low'],
    [zipOf({ '[Content_Types].xml': '<Types/>', 'xl/workbook.xml': '<workbook><sheets><sheet name="Secret" state="veryHidden"/></sheets></workbook>' }), 'HIDDEN_TEXT medium'],
    [zipOf({ '[Content_Types].xml': '<Types/>', 'xl/macrosheets/sheet1.xml': '<x/>' }), 'MACROS high'],
    [zipOf({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<a/>', 'Basic/Standard/Module1.xml': '<x/>' }), 'MACROS high'],
    [openDocument('text', '<text:tracked-changes/>'), 'REVISIONS medium'],
    [zipOf({ 'a/setup.exe': 'MZ' }), 'EMBEDDED_FILE high'],
    [zipOf({ '../../etc/passwd': 'x' }), 'UNSAFE_PATH high'],
  ];
  for (const [content, code] of cases) test.same(await codesOf(content), [code]);
  test.ok((await codesOf(await readFile(fixturePath('mammoth', 'test/test-data/comments.docx')), word)).includes('COMMENTS low'));
  test.same(await codesOf(pptx(['one', 'two'])), []);
  test.same(await codesOf(xlsx({ One: '<row/>' }, [], 'a note')), ['COMMENTS low']);
  test.equal((await inspect(openDocument('text', '', '<manifest:manifest><manifest:encryption-data/></manifest:manifest>'))).status, 'encrypted');
});

t.test('compound files', async (test) => {
  const made = cfb.utils.cfb_new();
  for (const path of ['/Macros/VBA/_VBA_PROJECT', '/ObjectPool/_1/\u0001Ole10Native']) cfb.utils.cfb_add(made, path, Buffer.alloc(5000));
  const found = await codesOf(cfb.write(made, { type: 'buffer' }) as Buffer, 'application/msword');
  test.same(found, ['EMBEDDED_FILE medium', 'MACROS high']);
});

t.test('PDFs', async (test) => {
  const document = await PDFDocument.create();
  document.addPage();
  document.setAuthor('Ada');
  document.addJavaScript('hello', 'app.alert(1)');
  await document.attach(Buffer.from('inside'), 'inside.txt');
  document.catalog.set(PDFName.of('OpenAction'), document.context.obj({ S: 'Launch', F: PDFString.of('cmd.exe') }));
  for (const useObjectStreams of [true, false]) {
    const found = await codesOf(await document.save({ useObjectStreams }), 'application/pdf', 'a.pdf');
    for (const code of ['EMBEDDED_SCRIPT high', 'EMBEDDED_FILE medium', 'PDF_ACTION high', 'PDF_ACTION medium', 'AUTHOR low']) test.ok(found.includes(code), `${code}, ${useObjectStreams ? 'in' : 'without'} object streams`);
  }
  test.ok((await codesOf('%PDF-1.7\n1 0 obj <</Type/Catalog /#4aav#61Script 2 0 R>> endobj\n%%EOF', 'application/pdf')).includes('EMBEDDED_SCRIPT high'), 'a name in disguise');
  test.ok((await codesOf('%PDF-1.7\n1 0 obj <</OpenAction 2 0 R>> endobj 2 0 obj [3 0 R /Fit] endobj\n%%EOF', 'application/pdf')).every((code) => !code.startsWith('PDF_ACTION')), 'a place to begin is none');
  test.same(await codesOf('%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n1 0 obj <</A 1>> endobj\n%%EOF\ntrailing words', 'application/pdf'), ['REVISIONS medium', 'TRAILING_DATA medium']);
  const locked = await PDFDocument.create();
  locked.addPage();
  locked.encrypt({ userPassword: 'secret', ownerPassword: 'other' });
  test.equal((await inspect(await locked.save(), 'application/pdf')).status, 'encrypted');
  const printable = await PDFDocument.create();
  printable.addPage();
  printable.encrypt({ userPassword: '', ownerPassword: 'other' });
  test.match(await inspect(await printable.save(), 'application/pdf'), { status: 'ok', warnings: [{ code: 'ENCRYPTED_PARTS' }] });
});

t.test('mark-up, RTF, mails and cells', async (test) => {
  test.same(await codesOf('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><a onclick="x()"/><image href="https://example.org/a.png"/></svg>', 'image/svg+xml'), ['EMBEDDED_SCRIPT high', 'EXTERNAL_REFERENCE medium']);
  test.same(await codesOf('<!doctype html><p style="display:none">x</p><iframe src="a"></iframe>', 'text/html'), ['EMBEDDED_FILE medium', 'HIDDEN_TEXT low']);
  test.same(await codesOf('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'application/xml'), ['ENTITY_EXPANSION low', 'EXTERNAL_REFERENCE high']);
  test.same(await codesOf(String.raw`{\rtf1{\object\objemb\objupdate{\*\objdata 0105}}}`, 'application/rtf'), ['EMBEDDED_FILE high', 'EMBEDDED_SCRIPT high']);
  test.same(await codesOf('From: a@example.org\r\nMIME-Version: 1.0\r\n\r\nContent-Disposition: attachment; filename="invoice.pdf.exe"\r\n', 'message/rfc822'), ['EMBEDDED_FILE high']);
  test.same(await codesOf('a,b\n=cmd|\' /C calc\'!A0,1\n', 'text/csv'), ['DDE high']);
});

t.test('pictures', async (test) => {
  const jpeg = await pictureWith({ exif: { IFD0: { Artist: 'Ada' }, IFD3: position } }).jpeg().toBuffer();
  for (const confined of [false, true]) test.same(await codesOf(jpeg, 'image/jpeg', 'a.jpg', confined), ['AUTHOR low', 'LOCATION high'], confined ? 'by a pipe' : 'by a file');
  for (const format of ['jpeg', 'png', 'gif', 'webp'] as const) {
    const plain = await pictureWith({}).toFormat(format).toBuffer();
    test.same(await codesOf(Buffer.concat([plain, Buffer.alloc(64)]), `image/${format}`), [], `${format} with padding`);
    test.ok((await codesOf(Buffer.concat([plain, Buffer.from('a secret message')]), `image/${format}`)).includes('TRAILING_DATA medium'), format);
    const both = await codesOf(Buffer.concat([plain, zipOf({ 'a.txt': 'x' })]), `image/${format}`);
    test.ok(both.includes('POLYGLOT high') && both.includes('TRAILING_DATA medium'), `${format} and ZIP`);
  }
  const beijing = await codesOf(await photo('beijing'), 'image/jpeg', 'IMG_0001.JPG');
  test.ok(beijing.includes('LOCATION high'));
  test.notOk(beijing.some((code) => code.startsWith('TYPE_MISMATCH') || code.startsWith('POLYGLOT')));
});

t.test('names and types that are not kept', async (test) => {
  const png = await pictureWith({}).png().toBuffer();
  test.same(await codesOf(png, 'image/jpeg'), ['TYPE_MISMATCH medium']);
  test.same(await codesOf(png, 'image/png', 'holiday.pdf'), ['TYPE_MISMATCH medium']);
  test.same(await codesOf(Buffer.concat([Buffer.from('MZ'), Buffer.alloc(500, 1)]), 'application/pdf', 'invoice.pdf.exe'), ['EXECUTABLE high', 'TYPE_MISMATCH high', 'TYPE_MISMATCH medium']);
});
