import { readFile } from 'node:fs/promises';
import t from 'tap';
import { fixturePath } from '../test/fixtures.ts';
import { doc, encryptedOffice, msg } from '../test/ole-files.ts';
import { docx, openDocument, paragraph, pptx, xlsx, zipOf } from '../test/office-files.ts';
import { onlyPage, readText } from '../test/parse.ts';
import { onePage, rawPdf, textPdf } from '../test/pdf-files.ts';

const pdf = 'application/pdf';
const laughs = `<!DOCTYPE x [<!ENTITY a0 "lol">${Array.from({ length: 12 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`).join('')}]>`;
const loop = '<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 11>>\nstream\n/X Do /X Do\nendstream';
const drawing = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', '<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>', '<</Length 5>>\nstream\n/X Do\nendstream'];

t.test('whatever is wrong with a file, it is told by a status', async (test) => {
  const photo = new Uint8Array(await readFile(fixturePath('exif-parser', 'test/starfish.jpg')));
  const locked = await textPdf([['secret']], (document) => document.encrypt({ userPassword: 'x', ownerPassword: 'y' }));
  const table: readonly (readonly [name: string, content: Uint8Array | string, mimeType: string, status: string])[] = [
    ['nothing', '', pdf, 'empty'],
    ['a photo', photo, pdf, 'ok'],
    ['zeros that call themselves a PDF', new Uint8Array(100_000), pdf, 'damaged'],
    ['text that calls itself a workbook', 'a,b', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'damaged'],
    ['noise', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251)), 'application/octet-stream', 'unsupported'],
    ['an archive of archives', zipOf({ 'a.zip': zipOf({ 'b.zip': zipOf({ c: 'x' }) }) }), 'application/zip', 'unsupported'],
    ['a PDF behind a password', locked, pdf, 'encrypted'],
    ['an Office file behind a password', encryptedOffice(), 'application/x-cfb', 'encrypted'],
    ['a Word 97 file behind a password', doc('x', { encrypted: true }), 'application/msword', 'encrypted'],
    ['an OpenDocument file behind a password', openDocument('text', '', '<manifest><file-entry><encryption-data/></file-entry></manifest>'), 'application/zip', 'encrypted'],
    ['a zip bomb', zipOf({ 'xl/workbook.xml': '<workbook/>', 'xl/a.xml': new Uint8Array(12_000_000) }, 9), 'application/zip', 'too-large'],
    ['an archive of too many entries', zipOf(Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`e${at}`, ''])), 0), 'application/zip', 'too-large'],
    ['a tree of pages that holds itself', rawPdf(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[2 0 R]/Count 1000000>>']), pdf, 'ok'],
    ['arrays in arrays', rawPdf([`<</Type/Catalog/Pages 2 0 R/X ${'['.repeat(100_000)}>>`, '<</Type/Pages/Kids[3 0 R]/Count 1>>']), pdf, 'damaged'],
    ['a form that draws itself', rawPdf([...drawing, loop]), pdf, 'ok'],
    ['a page that expands beyond all memory', onePage(Buffer.alloc(20_000_000, 32)), pdf, 'ok'],
    ['RTF of braces', `{\\rtf1${'{'.repeat(100_000)}`, 'application/rtf', 'damaged'],
    ['HTML of depth', `<html>${'<div>'.repeat(100_000)}`, 'text/html', 'ok'],
    ['a mail in a mail in a mail', `From: a@b.c\r\nDate: x\r\nMIME-Version: 1.0\r\n${Array.from({ length: 300 }, (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`).join('')}\r\nhi`, 'message/rfc822', 'damaged'],
  ];
  for (const [name, content, mimeType, status] of table) {
    const startedMs = performance.now();
    const report = await readText(content, { mimeType });
    test.equal(report.status, status, name);
    if (status !== 'ok') test.ok(report.warnings.length > 0 && report.pages.length === 0, `${name}: with a reason and without pages`);
    test.ok(performance.now() - startedMs < 20_000, `${name}: in time`);
  }
  test.equal(await onlyPage('the next one'), 'the next one');
});

t.test('a picture is one page for the reader of pictures', async (test) => {
  const photo = new Uint8Array(await readFile(fixturePath('exif-parser', 'test/starfish.jpg')));
  test.match(await readText(photo, { mimeType: 'image/jpeg' }), { status: 'ok', pages: [], pageCount: 1, withoutText: [1] });
});

t.test('entities are not expanded', async (test) => {
  test.equal(await onlyPage(docx(paragraph('before &a12; after'), {}, laughs)), 'before  after');
});

t.test('a file that breaks off at any tenth never does more than fail', async (test) => {
  const whole: Record<string, Uint8Array> = {
    docx: docx(paragraph('words '.repeat(500))),
    xlsx: xlsx({ S: '<row><c><v>1</v></c></row>' }),
    pptx: pptx(['a', 'b']),
    odt: openDocument('text', '<text:p>a</text:p>'),
    doc: doc('words '.repeat(500)),
    msg: msg({ subject: 'a', body: 'b', from: 'c', to: 'd', attachment: 'e' }),
    rtf: Buffer.from(`{\\rtf1 ${'words {\\b bold} '.repeat(50)}}`),
    pdf: await textPdf([['one'], ['two']]),
  };
  for (const [name, content] of Object.entries(whole)) {
    const statuses: string[] = [];
    for (let tenth = 1; tenth <= 10; tenth += 1) statuses.push((await readText(content.slice(0, Math.floor((content.length * tenth) / 10)), { filename: `a.${name}` })).status);
    test.equal(statuses.at(-1), 'ok', `${name} as a whole`);
    test.ok(statuses.every((status) => status === 'ok' || status === 'damaged' || status === 'unsupported'), `${name}: ${statuses.join(' ')}`);
  }
});
