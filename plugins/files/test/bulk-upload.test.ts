import t from 'tap';
import { harness, jpeg, names, nobody } from './support.ts';

const path = '/api/files/bulk-upload';
const file = (filename: string, content: Uint8Array | string = filename) => ({ field: 'files', filename, mimeType: 'text/plain', content });
const quiet = { options: { processImmediately: false } };

t.test('bulk uploads are refused', async (test) => {
  const h = harness();
  test.equal((await h.request('POST', path, { as: nobody, files: [file('a')] })).status, 401);
  test.match(await h.request('POST', path, { as: { role: 'viewer' }, files: [file('a')] }), { status: 403, body: { details: { permission: 'files:write' } } });
  test.match(await h.request('POST', path), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'files' } } });
  test.equal((await h.request('POST', path, { files: [file('a')], body: { options: { fast: true } } })).status, 400);
  test.equal((await h.request('POST', path, { files: Array.from({ length: 5001 }, () => file('a', '')) })).status, 400);
  test.equal(await h.db('documents', 'count', [{}]), 0);
  test.same(h.events, []);
});

t.test('every file is stored and announced, and told of in the order of the form', async (test) => {
  const h = harness();
  const { status, body } = await h.request('POST', path, { files: [file('b.txt', 'bb'), { field: 'files', filename: 'a.jpg', mimeType: 'image/jpeg', content: jpeg }, file('b.txt', 'bb')] });
  test.equal(status, 201);
  test.match(body, { total: 3, succeeded: 3, failed: 0 });
  test.match(body.items, [
    { position: 0, filename: 'b.txt', file: { filename: 'b.txt', sizeBytes: 2, status: 'queued' }, error: null },
    { position: 1, filename: 'a.jpg', file: { mimeType: 'image/jpeg' }, error: null },
    { position: 2, filename: 'b.txt', file: { sha256: body.items[0].file.sha256 }, error: null },
  ]);
  test.not(body.items[0].file.id, body.items[2].file.id, 'the same content twice is two files');
  test.same(names(h).toSorted(), [...Array(3).fill('files.process-requested'), ...Array(3).fill('files.uploaded')], 'and no others');
  for (const { file: made } of body.items) test.equal((await h.request('GET', `/api/files/${made.id}/download`)).status, 200);
});

t.test('a bad file fails alone, and leaves nothing', async (test) => {
  const h = harness();
  const tooLong = 'x'.repeat(300);
  const { status, body } = await h.request('POST', path, { files: [file('a'), file(tooLong, 'bad'), file('c')], body: quiet });
  test.equal(status, 207);
  test.match(body, { total: 3, succeeded: 2, failed: 1, items: [{ file: { filename: 'a' } }, { position: 1, file: null, error: { code: 'VALIDATION_ERROR' } }, { file: { filename: 'c' } }] });
  test.same(names(h), ['files.uploaded', 'files.uploaded']);
  test.equal(await h.db('documents', 'count', [{}]), 2);
});

t.test('where nothing can be stored, every file says so', async (test) => {
  const h = harness({ granted: ['files:read', 'files:write', 'jobs'] });
  const { status, body } = await h.request('POST', path, { files: [file('a'), file('b')], body: quiet });
  test.equal(status, 207);
  test.match(body, { succeeded: 0, failed: 2, items: [{ error: { code: 'FORBIDDEN' } }, { error: { code: 'FORBIDDEN' } }] });
  test.equal(await h.db('documents', 'count', [{}]), 0);
});

t.test('a thousand files', async (test) => {
  const h = harness();
  const files = Array.from({ length: 1000 }, (_, at) => file(`${at}.txt`));
  const { status, body } = await h.request('POST', path, { files, body: quiet });
  test.equal(status, 201);
  test.same((body.items as { file: { filename: string } }[]).map((item) => item.file.filename), files.map(({ filename }) => filename));
  test.equal(await h.db('documents', 'count', [{}]), 1000);
  test.equal(h.events.length, 1000);
});
