import t from 'tap';
import { failure, fileId, missing, otherTenant, textReport, world, type World } from './support.ts';

const path = '/api/document-intelligence/redact';
const text = 'Ana Kowalski, ana@example.org, card 4111 1111 1111 1111. Ana Kowalski paid.';
const admin = { role: 'admin' as const };
const copyId = '018f0000-0000-7000-8000-0000000000c1';

function withDocument(mimeType: string, filename: string, content: string): World & { added: { handle: string; filename: string; tags: string[]; process: boolean }[] } {
  const added: { handle: string; filename: string; tags: string[]; process: boolean }[] = [];
  const w = world();
  w.answers['files.documents.open'] = async (input: { fileId: string }) => {
    const { handle, file } = await w.h.shareFile(content, { mimeType });
    return { fileId: input.fileId, filename, mimeType, sizeBytes: file.sizeBytes, sha256: file.sha256, declaredType: null, typeMismatch: false, handle };
  };
  w.answers['files.uploads.add'] = (input: (typeof added)[number]) => {
    added.push(input);
    return { fileId: copyId };
  };
  return { ...w, added };
}

const member = { role: 'member' as const, permissions: ['files:write', 'files:read'] };
const document = (w: World, more: object = {}) => w.h.request('POST', path, { as: member, body: { documentId: fileId, ...more } });

t.test('who may not, and what does not fit', async (test) => {
  const w = withDocument('text/plain', 'a.txt', text);
  test.equal((await w.h.request('POST', path, { as: { userId: null }, body: { text } })).status, 401);
  test.match(await w.h.request('POST', path, { as: { role: 'viewer' }, body: { text } }), { status: 403, body: { details: { permission: 'document-intelligence:redact' } } });
  for (const body of [{}, { text, documentId: fileId }, { text, mode: 'burn' }, { text, options: { keepLast: 9 } }, { text, options: { maskWith: '**' } }]) test.equal((await w.h.request('POST', path, { body })).status, 400);
  test.match(await w.h.request('POST', path, { body: { documentId: fileId } }), { status: 403, body: { details: { permission: 'files:write' } } });
  test.match(await document(w, { mode: 'encrypt' }), { status: 400 });
  test.match(await w.h.request('POST', `${path}/restore`, { body: { text, sealed: ['x'] } }), { status: 403, body: { details: { permission: 'document-intelligence:restore' } } });
  test.match(await w.h.request('POST', `${path}/restore`, { as: admin, body: { text, sealed: ['x'] } }), { status: 400, body: { error: 'NOTHING_TO_RESTORE' } });
  test.same([w.added.length, w.h.audited.length], [0, 0]);
});

t.test('mask, replace and hash', async (test) => {
  const { h } = world();
  const redacted = async (more: object, as = {}) => (await h.request('POST', path, { as, body: { text, ...more } })).body;
  test.equal((await redacted({ mode: 'mask' })).text, '*** ********, ***@*******.***, card **** **** **** ****. *** ******** paid.');
  test.equal((await redacted({ mode: 'mask', types: ['card'], options: { keepLast: 4, maskWith: '#' } })).text, 'Ana Kowalski, ana@example.org, card #### #### #### 1111. Ana Kowalski paid.');
  const { text: replaced, replacements, sealed } = await redacted({});
  test.equal(replaced, '[PERSON_1], [EMAIL_1], card [CARD_1]. [PERSON_1] paid.');
  for (const { start, end, replacement } of replacements) test.equal(replaced.slice(start, end), replacement);
  test.equal(sealed, null);
  test.notMatch(JSON.stringify(replacements), /Kowalski|4111/);

  const hashed = (await redacted({ mode: 'hash' })).text as string;
  const [first, second] = hashed.match(/\[PERSON:[0-9a-f]{16}\]/g) ?? [];
  test.equal(first, second);
  test.equal((await redacted({ mode: 'hash' })).text, hashed, 'the same in the next text');
  test.not((await redacted({ mode: 'hash' }, otherTenant)).text, hashed, 'another for another team');
});

t.test('encrypted, and restored by who may', async (test) => {
  const { h } = world();
  const { text: hidden, sealed } = (await h.request('POST', path, { body: { text, mode: 'encrypt' } })).body;
  test.match(hidden, /^⟦PERSON_1:[0-9a-f]{12}⟧, ⟦EMAIL_1:/);
  test.notMatch(JSON.stringify(sealed), /Kowalski|4111/);
  const restore = (body: object, as = {}) => h.request('POST', `${path}/restore`, { as: { ...admin, ...as }, body });
  test.equal((await restore({ text: hidden, sealed }, otherTenant)).status, 400, 'another team has another key');
  test.equal((await restore({ text: hidden, sealed: [`${sealed[0].slice(0, -6)}AAAAAA`] })).status, 400);
  test.match((await restore({ text: hidden, sealed })).body, { text, restored: 4 });
  test.match((await restore({ text: hidden.slice(0, 30), sealed })).body, { restored: 1 }, 'or a part of it');
  test.match(h.audited, [{ action: 'document-intelligence.text-restored', details: { restored: 4 } }, {}]);
  test.notMatch(JSON.stringify([h.audited, h.logs, h.events]), /Kowalski|4111/);
});

t.test('a text file becomes another document', async (test) => {
  const w = withDocument('text/csv', 'people.csv', `name,card\nAna Kowalski,4111111111111111\n`);
  test.match(await document(w), { status: 201, body: { documentId: copyId, originalId: fileId, filename: 'people.redacted.csv', counts: { person: 1, card: 1 } } });
  test.match(w.added, [{ filename: 'people.redacted.csv', tags: ['redacted'], process: true }]);
  test.match(w.h.audited, [{ action: 'document-intelligence.redacted', target: fileId, details: { copy: copyId, counts: { person: 1, card: 1 } } }]);
  for (const [content, reason] of [['nothing of the kind', 'NOTHING_FOUND'], ['\ud800', null]] as const) {
    if (reason !== null) test.match(await document(withDocument('text/plain', 'a.txt', content)), { status: 409, body: { error: 'NOT_REDACTABLE', details: { reason } } });
  }
  test.match(await document(withDocument('application/zip', 'a.zip', 'PK')), { status: 409, body: { details: { reason: 'FORMAT' } } });
});

t.test('a PDF: spans of its text, areas of its scanned pages', async (test) => {
  const w = withDocument('application/pdf', 'a.pdf', '%PDF');
  const asked: { spans: object[]; areas: object[] }[] = [];
  w.answers['parsers.text.read'] = () => textReport(['Ana Kowalski lives here.', '', 'xAna Kowalski, see ana@example.org'], { withoutText: [2] });
  w.answers['ocr.recognition.read'] = () => ({ text: 'Mail ana@example.org', confidence: 1, language: 'eng', width: 100, height: 50, words: [{ text: 'Mail', confidence: 1, start: 0, end: 4, x: 0, y: 10, width: 20, height: 8 }, { text: 'ana@example.org', confidence: 1, start: 5, end: 20, x: 30, y: 10, width: 60, height: 8 }] });
  w.answers['parsers.privacy.redactPdf'] = async (input: (typeof asked)[number]) => {
    asked.push(input);
    return { file: 'made', mimeType: 'application/pdf', sizeBytes: 1, redactedPages: [1, 2] };
  };
  test.match(await document(w), { status: 201, body: { filename: 'a.redacted.pdf', counts: { person: 1, email: 2 } } });
  test.match(asked, [{ spans: [{ page: 1, start: 0, end: 12 }, { page: 3, start: 19, end: 34 }], areas: [{ page: 2, x: 27, y: 7, width: 66, height: 14, of: { width: 100, height: 50 } }] }]);
  test.match(w.added, [{ handle: 'made' }]);

  for (const [service, answer, reason] of [
    ['parsers.text.read', () => textReport([], { status: 'encrypted' }), 'ENCRYPTED'],
    ['parsers.text.read', () => textReport([], { pageCount: 501 }), 'TOO_MANY_PAGES'],
    ['parsers.text.read', () => textReport([], { withoutText: Array.from({ length: 31 }, (_, at) => at + 1) }), 'TOO_MANY_SCANNED_PAGES'],
    ['parsers.text.read', () => Promise.reject(missing()), 'PLUGIN_MISSING'],
    ['ocr.recognition.read', () => Promise.reject(failure('PAGE_NOT_RENDERED', 'invalid')), 'PAGE_NOT_RENDERED'],
  ] as const) {
    const other = withDocument('application/pdf', 'a.pdf', '%PDF');
    other.answers['parsers.text.read'] = w.answers['parsers.text.read'] as () => unknown;
    other.answers[service] = answer;
    test.match(await document(other), { status: 409, body: { error: 'NOT_REDACTABLE', details: { reason } } }, reason);
    test.equal(other.added.length, 0, 'and no copy');
  }
});

t.test('a picture: the words are covered', async (test) => {
  const w = withDocument('image/png', 'shot.png', 'x');
  w.answers['ocr.recognition.read'] = () => ({ text: 'Mail ana@example.org', confidence: 1, language: 'eng', width: 100, height: 50, words: [{ text: 'ana@example.org', confidence: 1, start: 5, end: 20, x: 1, y: 1, width: 98, height: 48 }] });
  w.answers['images.redaction.cover'] = ({ areas }: { areas: object[] }) => {
    test.same(areas, [{ x: 0, y: 0, width: 100, height: 50 }]);
    return { file: 'covered', mimeType: 'image/png', sizeBytes: 1 };
  };
  test.match(await document(w), { status: 201, body: { filename: 'shot.redacted.png', counts: { email: 1 } } });
  test.match(w.added, [{ handle: 'covered' }]);
});
