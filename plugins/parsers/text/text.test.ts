import { readFile, readdir } from 'node:fs/promises';
import mammoth from 'mammoth';
import t from 'tap';
import { fixturePath } from '../test/fixtures.ts';
import { doc, msg } from '../test/ole-files.ts';
import { docx, openDocument, paragraph, pptx, xlsx } from '../test/office-files.ts';
import { onlyPage, readText } from '../test/parse.ts';
import { rawPdf, textPdf } from '../test/pdf-files.ts';

const pdf = { mimeType: 'application/pdf' };
const sample = async (name: string) => new Uint8Array(await readFile(fixturePath('pdf-parse', `test/data/${name}`)));

t.test('a PDF is read page by page, and in parts', async (test) => {
  const exif = new Uint8Array(await readFile(fixturePath('exif-js', 'spec/Exif2-2.pdf')));
  const part = await readText(exif, { ...pdf, firstPage: 21, maxPages: 2 });
  test.match(part, { status: 'ok', pageCount: 154, truncated: true, withoutText: [] });
  test.same(
    part.pages.map(({ page }) => page),
    [21, 22],
  );
  test.match(part.pages[0]?.text, /JEITA CP-3451/);
  const paper = await readText(await sample('01-valid.pdf'), pdf);
  test.match(paper, { status: 'ok', pageCount: 14, truncated: false });
  test.match(paper.pages[0]?.text, /^Trace-based Just-in-Time Type Specialization for Dynamic\nLanguages\n/);
});

t.test('pages that show something without text are told apart from empty ones', async (test) => {
  const content = await textPdf([['Words on a page'], []], (document) => {
    document.addPage([200, 200]).drawRectangle({ x: 20, y: 20, width: 100, height: 100 });
  });
  const report = await readText(content, pdf);
  test.match(report, { status: 'ok', pageCount: 3, withoutText: [3] });
  test.equal(report.pages[0]?.text, 'Words on a page');
});

t.test('an encoding that a PDF only names is known', async (test) => {
  const body = 'BT /F1 20 Tf 20 50 Td <93fa967b8cea> Tj ET';
  const font = '/BaseFont/HeiseiMin-W3';
  const content = rawPdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${body.length}>>\nstream\n${body}\nendstream`,
    `<</Type/Font/Subtype/Type0${font}/Encoding/90ms-RKSJ-H/DescendantFonts[6 0 R]>>`,
    `<</Type/Font/Subtype/CIDFontType0${font}/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 7 0 R>>`,
    '<</Type/FontDescriptor/FontName/HeiseiMin-W3/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/StemV 80>>',
  ]);
  test.equal(await onlyPage(content), '日本語');
});

t.test('Word files read as mammoth reads them', async (test) => {
  const folder = fixturePath('mammoth', 'test/test-data');
  const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.docx'))) {
    const buffer = await readFile(`${folder}/${name}`);
    const told = words((await mammoth.extractRawText({ buffer })).value);
    const read = words(await onlyPage(new Uint8Array(buffer)));
    test.same(read.slice(0, told.length), told, name);
  }
});

t.test('what a Word file says beside its text, and not what was deleted', async (test) => {
  const body = `${paragraph('Fish &amp; chips &#8364;5')}<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>left</w:t><w:tab/><w:t>right</w:t><w:instrText>PAGE</w:instrText></w:r></w:p><w:tbl><w:tr><w:tc>${paragraph('a')}${paragraph('b')}</w:tc><w:tc>${paragraph('c')}</w:tc></w:tr></w:tbl>`;
  test.equal(await onlyPage(docx(body, { header: 'Head', comments: 'Remark' })), 'Fish & chips €5\nleft\tright\na b\tc\nHead\nRemark');
});

t.test('a workbook has a page for each sheet, with dates as dates and numbers written out', async (test) => {
  const rows = '<row><c t="s"><v>0</v></c><c s="1"><v>45000</v></c><c s="2"><v>45000.5</v></c><c s="3"><v>1.5</v></c><c><v>4.111111111111111E15</v></c><c><v>0.30000000000000004</v></c></row>';
  const report = await readText(xlsx({ People: rows, 'R&amp;D': '<row><c t="inlineStr"><is><t>here</t></is></c><c t="b"><v>1</v></c></row>' }, ['Ada'], 'a remark'));
  test.same(report.pages, [
    { page: 1, text: 'People\nAda\t2023-03-15\t2023-03-15 12:00:00\t1.5\t4111111111111111\t0.3\na remark' },
    { page: 2, text: 'R&D\nhere\tTRUE' },
  ]);
});

t.test('slides come in the order of the show, with their notes', async (test) => {
  const report = await readText(pptx(['First', 'Second'], 'Say hello'));
  test.same(report.pages, [
    { page: 1, text: 'First\nSay hello' },
    { page: 2, text: 'Second' },
  ]);
  test.match(await readText(pptx(['First', 'Second']), { firstPage: 2 }), { pageCount: 2, pages: [{ page: 2, text: 'Second' }] });
});

t.test('OpenDocument texts, sheets and slides', async (test) => {
  const body = '<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:p>Hello<text:s/>there<text:tab/>you</text:p>';
  test.equal(await onlyPage(openDocument('text', body)), 'Hello there\tyou\nFoot');
  const table = '<table:table table:name="S"><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>';
  test.equal(await onlyPage(openDocument('spreadsheet', table)), 'S\na\tb');
  test.match((await readText(openDocument('presentation', '<draw:page><text:p>One</text:p></draw:page><draw:page><text:p>Two</text:p></draw:page>'))).pages, [{ text: 'One' }, { text: 'Two' }]);
});

t.test('documents of the nineties', async (test) => {
  test.equal(await onlyPage(doc('Dear Mr. Müller,\rthank you.')), 'Dear Mr. Müller,\nthank you.');
  const rtf = "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Times;}}{\\*\\generator X;}{\\info{\\author Nobody}}Gr\\'fc\\'dfe \\u8364?\\f1 \\'cf\\f0\\par next\\tab end{\\pict 0102ff}{\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt shown}}}";
  test.equal(await onlyPage(rtf), 'Grüße €П\nnext\tendshown');
});

t.test('mails with their heads and their attachments', async (test) => {
  const eml =
    'From: =?utf-8?Q?J=C3=B6rg?= <j@example.com>\r\nTo: b@example.com\r\nSubject: Hi\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=FC=DFe</p><script>x</script>\r\n--b\r\nContent-Type: application/pdf; name=bill.pdf\r\nContent-Disposition: attachment; filename=bill.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n';
  const report = await readText(eml, { mimeType: 'text/plain' });
  test.equal(report.pages[0]?.text, 'From: Jörg <j@example.com>\nTo: b@example.com\nDate: 2024-01-01T09:00:00.000Z\nSubject: Hi\n\nGrüße\n');
  test.same(report.attachments, [{ filename: 'bill.pdf', mimeType: 'application/pdf', sizeBytes: 3 }]);
  const outlook = await readText(msg({ subject: 'Sub', body: 'Body', from: 'Ann', to: 'Bob', attachment: 'bill.pdf' }));
  test.equal(outlook.pages[0]?.text, 'From: Ann\nTo: Bob\nSubject: Sub\n\nBody\n');
  test.match(outlook.attachments, [{ filename: 'bill.pdf', sizeBytes: 321 }]);
});

t.test('HTML as it is shown, plain text in any of the usual encodings', async (test) => {
  const html = '<html><head><meta charset="windows-1252"><title>T</title><style>x{}</style><script>if (a<b) f("</p>")</script></head><body><h1>Hello</h1><p>a &amp; b &eacute; \u00e9 1 < 2</p><table><tr><td>Name</td><td>Jane Doe</td></tr></table><ul><li>one<li>two</ul><!-- hidden --></body>';
  test.equal(await onlyPage(Buffer.from(html, 'latin1'), { mimeType: 'text/html' }), 'T\nHello\na & b é é 1 < 2\nName\tJane Doe\none\ntwo');
  test.equal(await onlyPage(Buffer.from('Straße;Jörg\r\n1;2', 'latin1'), { mimeType: 'text/csv' }), 'Straße;Jörg\n1;2');
  test.equal(await onlyPage(Buffer.from('wide wörds\r\n', 'utf16le')), 'wide wörds\n');
  test.equal(await onlyPage(Buffer.from('\ufeffmarked', 'utf16le').swap16()), 'marked');
  test.equal(await onlyPage(`{"a":"\u0000${'b'.repeat(50)}"}`, { mimeType: 'application/json' }), `{"a":" ${'b'.repeat(50)}"}`);
});

t.test('long text is cut into pages at line ends, and no longer than asked for', async (test) => {
  const report = await readText('a line of text\n'.repeat(20_000), { maxCharacters: 150_000 });
  test.match(report, { pageCount: 4, truncated: true });
  test.equal(report.pages.reduce((sum, { text }) => sum + text.length, 0), 150_000);
  test.match(report.pages[0]?.text, /text\n$/);
  test.ok(report.pages.every(({ text }) => text.length <= 100_000 && text.isWellFormed()));
  const whole = await readText('😀'.repeat(60_000));
  test.equal(whole.pages.map(({ text }) => text).join(''), '😀'.repeat(60_000));
});
