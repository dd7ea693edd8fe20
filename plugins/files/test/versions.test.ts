import type { Harness } from '@proofpix/sdk/testing';
import t from 'tap';
import { absentId, harness, names, nobody, otherMember, otherTenant, uploaded } from './support.ts';

const path = (id: string) => `/api/files/${id}/versions`;
const file = (content: string) => ({ field: 'file', filename: 'next.txt', mimeType: 'text/plain', content });
const quiet = { options: { processImmediately: false } };
const add = (h: Harness, id: string, content: string, body: object = quiet) => h.request('POST', path(id), { files: [file(content)], body });
const content = async (h: Harness, id: string, query = '') => {
  const { status, bytes } = await h.request('GET', `/api/files/${id}/download${query}`);
  return status === 200 ? Buffer.from(bytes ?? []).toString() : status;
};

t.test('new content is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const before = names(h);
  for (const [method, at] of [['POST', path(id)], ['GET', path(id)], ['POST', `${path(id)}/1/restore`]] as const) {
    const files = method === 'POST' && at === path(id) ? { files: [file('x')] } : {};
    test.equal((await h.request(method, at, { as: nobody, ...files })).status, 401);
    test.equal((await h.request(method, at, { as: { role: method === 'GET' ? null : 'viewer' }, ...files })).status, 403);
    test.equal((await h.request(method, at, { as: { ...otherTenant, role: 'member' }, ...files })).status, 404);
  }
  test.equal((await h.request('POST', path(id))).status, 400);
  test.equal((await h.request('POST', path(id), { files: [file('a'), file('b')] })).status, 400);
  test.equal((await h.request('POST', path(absentId), { files: [file('x')] })).status, 404);
  test.equal((await h.request('POST', `${path(id)}/2/restore`)).status, 404);
  test.equal((await h.request('POST', `${path(id)}/0/restore`)).status, 400);
  test.same([await content(h, id, '?version=2'), await content(h, id, '?version=0')], [404, 400]);
  await h.request('DELETE', `/api/files/${id}`);
  test.equal((await add(h, id, 'x')).status, 404, 'in the trash');
  test.same(names(h), [...before, 'files.trashed']);
  test.equal(await h.db('versions', 'count', [{}]), 0);
});

t.test('the old content stays beside the new one, and its findings do not', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await h.serve('files.texts', 'store', { fileId: id, runId, clear: true, pages: [{ page: 1, text: 'old', source: 'ocr' }] });
  await h.emit({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId, kind: 'image', metadata: {}, location: null, warnings: [] } });
  const before = h.events.length;
  const { status, body } = await h.request('POST', path(id), { as: otherMember, files: [file('second')] });
  test.equal(status, 201);
  test.match(body, { id, filename: 'a.jpg', mimeType: 'text/plain', sizeBytes: 6, version: 2, status: 'queued' });
  test.match(h.events.slice(before), [
    { name: 'files.updated', payload: { fileId: id, documentId: id, filename: 'a.jpg', tags: [], version: 2 } },
    { name: 'files.process-requested', payload: { fileId: id, mimeType: 'text/plain', sizeBytes: 6, sha256: body.sha256 } },
  ]);
  test.equal(h.events.length, before + 2, 'and no others');
  test.equal((await h.request('GET', `/api/files/${id}/results`)).body.result, null);
  test.equal(await h.db('texts', 'count', [{}]), 0);
  test.equal(await content(h, id), 'second');
  test.equal(await content(h, id, '?version=2'), 'second');
  test.equal((await h.request('GET', `/api/files/${id}/download?version=1`)).headers['content-type'], 'image/jpeg');
  test.match((await h.request('GET', path(id))).body, { items: [{ number: 2, current: true, mimeType: 'text/plain', createdBy: otherMember.userId, restoredFrom: null }, { number: 1, current: false, mimeType: 'image/jpeg', createdBy: '018f0000-0000-7000-8000-00000000000b' }], nextCursor: null });
});

t.test('a run ends with the content that it was about', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await add(h, id, 'second');
  await h.emit({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId, kind: 'image', metadata: {}, location: null, warnings: [] } });
  test.match((await h.request('GET', `/api/files/${id}/results`)).body, { status: 'queued', result: null });
});

t.test('an earlier version comes back as a new one, and lives by itself', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  await add(h, id, 'second');
  await add(h, id, 'third');
  const { status, body } = await h.request('POST', `${path(id)}/2/restore`);
  test.match([status, body], [201, { version: 4, sizeBytes: 6, status: 'queued' }]);
  test.equal(h.events.at(-1)?.name, 'files.process-requested');
  test.same([await content(h, id), await content(h, id, '?version=2'), await content(h, id, '?version=3')], ['second', 'second', 'third']);
  test.match((await h.request('GET', path(id))).body.items[0], { number: 4, restoredFrom: 2 });
  const { contentId } = (await h.db('versions', 'findOne', [{ documentId: id, number: 2 }])) as { contentId: string };
  h.sendJob('purge-content', { contentId });
  await h.runJobs();
  test.equal(await content(h, id), 'second');
});

t.test('the oldest make room, and with the file all go', async (test) => {
  const h = harness({ config: { maxVersions: 2 } });
  const { id } = await uploaded(h, { processImmediately: false });
  const kept = [(await h.db('documents', 'get', [id])) as { contentId: string }];
  for (const text of ['2', '3', '4']) {
    await add(h, id, text);
    kept.push((await h.db('documents', 'get', [id])) as { contentId: string });
  }
  await h.runJobs();
  test.same(kept.map(({ contentId }) => h.fileBytes(contentId) !== null), [false, false, true, true]);
  test.same((await h.request('GET', path(id))).body.items.map(({ number }: { number: number }) => number), [4, 3]);
  await h.request('DELETE', `/api/files/${id}?permanent=true`);
  await h.runJobs();
  test.same(kept.map(({ contentId }) => h.fileBytes(contentId)), [null, null, null, null]);
  test.equal(await h.db('versions', 'count', [{}]), 0);
});

t.test('of writers at once each makes a version', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  const made = await Promise.all(['a', 'b', 'c'].map((text) => add(h, id, text)));
  test.same(made.map(({ body }) => body.version).toSorted(), [2, 3, 4]);
});

t.test('whoever brought a version and is gone is not named any more', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  for (const as of [otherMember, {}, otherMember]) await h.request('POST', path(id), { as, files: [file('x')], body: quiet });
  await h.emit({ name: 'users.erased', payload: { userId: otherMember.userId as string, emailSha256: 'a'.repeat(64), teamGone: false } });
  const me = '018f0000-0000-7000-8000-00000000000b';
  test.same((await h.request('GET', path(id))).body.items.map(({ createdBy }: { createdBy: string | null }) => createdBy), [null, me, null, me]);
});
