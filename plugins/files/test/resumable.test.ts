import type { Harness, Identity, RequestInit } from '@proofpix/sdk/testing';
import t from 'tap';
import { absentId, harness, jpeg, names, nobody, otherMember, otherTenant } from './support.ts';

const path = '/api/files/tus';
const tus = { 'Tus-Resumable': '1.0.0' };
const part = { ...tus, 'Content-Type': 'application/offset+octet-stream' };
const metadata = (values: Record<string, string>) => Object.entries(values).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',');
const quiet = { filename: 'grüße.txt', filetype: 'text/plain', processImmediately: 'false' };

const create = (h: Harness, length: number | string, values: Record<string, string> = quiet, init: RequestInit = {}) =>
  h.request('POST', path, { ...init, headers: { ...tus, 'Upload-Length': String(length), 'Upload-Metadata': metadata(values), ...init.headers } });
const begun = async (h: Harness, length: number, values?: Record<string, string>) => (await create(h, length, values)).headers.location as string;
const send = (h: Harness, at: string, offset: number, upload: Uint8Array | string, init: RequestInit = {}) => h.request('PATCH', at, { upload, ...init, headers: { ...part, 'Upload-Offset': String(offset), ...init.headers } });
const left = async (h: Harness) => [await h.db('resumables', 'count', [{}]), await h.db('parts', 'count', [{}])];

t.test('beginning is refused', async (test) => {
  const h = harness({ settings: { maxUploadBytes: 1000 } });
  test.equal((await create(h, 5, quiet, { as: nobody })).status, 401);
  test.match(await create(h, 5, quiet, { as: { role: 'viewer' } }), { status: 403, body: { details: { permission: 'files:write' } } });
  test.match(await create(h, 5, quiet, { headers: { 'Tus-Resumable': '0.2.2' } }), { status: 412, headers: { 'tus-version': '1.0.0', 'tus-resumable': '1.0.0' } });
  test.match(await create(h, 1001), { status: 413, body: { error: 'PAYLOAD_TOO_LARGE', details: { maxBytes: 1000 } } });
  for (const length of ['', '-1', '1e3', 'x']) test.equal((await create(h, length)).status, 400, `length ${length}`);
  const wrong: Record<string, string>[] = [{ filename: '' }, { filename: '../a' }, { filename: 'x'.repeat(256) }, { filetype: 'text' }, { folderId: 'x' }, { ocr: 'perhaps' }, { processImmediately: 'yes' }];
  for (const values of wrong) test.equal((await create(h, 5, { ...quiet, ...values })).status, 400, JSON.stringify(values).slice(0, 40));
  test.equal((await h.request('POST', path, { headers: { ...tus, 'Upload-Length': '5', 'Upload-Metadata': 'filename ä' } })).status, 400);
  test.equal((await create(h, 5, { ...quiet, folderId: absentId })).status, 404);
  test.same(await left(h), [0, 0]);
  const { id: _id, createdAt: _made, updatedAt: _changed, ...record } = (await h.db('resumables', 'get', [(await begun(h, 5)).split('/').at(-1) as string])) as Record<string, string>;
  await h.db('resumables', 'insertMany', [Array.from({ length: 99 }, () => record)]);
  test.match(await create(h, 5), { status: 429, body: { error: 'TOO_MANY_UPLOADS', details: { maxOpen: 100 } } });
});

t.test('going on is refused', async (test) => {
  const h = harness();
  const at = await begun(h, 6);
  for (const [as, status] of [[nobody, 401], [{ role: 'viewer' }, 403], [{ ...otherTenant, role: 'member' }, 404], [otherMember, 404]] as [Identity, number][]) {
    test.equal((await send(h, at, 0, 'abc', { as })).status, status);
    test.equal((await h.request('HEAD', at, { as })).status, status);
    test.equal((await h.request('DELETE', at, { as, headers: tus })).status, status);
  }
  test.equal((await send(h, `${path}/${absentId}`, 0, 'abc')).status, 404);
  test.equal((await send(h, at, 0, 'abc', { headers: { 'Tus-Resumable': '2.0.0' } })).status, 412);
  test.equal((await send(h, at, 0, 'abc', { headers: { 'Content-Type': 'text/plain' } })).status, 415);
  test.match(await send(h, at, 3, 'abc'), { status: 409, body: { error: 'WRONG_OFFSET', details: { offset: 0 } } });
  test.equal((await send(h, at, 0, 'abc', { headers: { 'Upload-Offset': 'x' } })).status, 400);
  test.match(await send(h, at, 0, 'too long'), { status: 413, body: { error: 'PAYLOAD_TOO_LARGE' } });
  test.same(await left(h), [1, 0]);
  test.same(h.events, []);
});

t.test('a broken upload goes on where it ended, and becomes a file like others', async (test) => {
  const h = harness();
  const { body: folder } = await h.request('POST', '/api/files/folders', { body: { name: 'a' } });
  const created = await create(h, 9, { ...quiet, folderId: folder.id, processImmediately: 'true', ocr: 'force' });
  test.match(created, { status: 201, headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'tus-extension': 'creation,creation-with-upload,expiration,termination', 'upload-expires': String } });
  const at = created.headers.location as string;
  await send(h, at, 0, 'abcd', { complete: false });
  test.match(await h.request('HEAD', at), { status: 200, headers: { 'upload-offset': '4', 'upload-length': '9', 'cache-control': 'no-store' } });
  test.match(await send(h, at, 4, ''), { status: 204, headers: { 'upload-offset': '4' } }, 'nothing new');
  test.match(await send(h, at, 0, 'abcd'), { status: 409, body: { details: { offset: 4 } } }, 'a part sent again');
  const last = await send(h, at, 4, 'efghi');
  test.match(last, { status: 204, headers: { 'upload-offset': '9', 'x-files-id': String } });
  const id = last.headers['x-files-id'] as string;
  test.match((await h.request('GET', at)).body, { offset: 9, length: 9, fileId: id });
  test.match((await h.request('GET', `/api/files/${id}`)).body, { filename: 'grüße.txt', mimeType: 'text/plain', declaredType: 'text/plain', sizeBytes: 9, folderId: folder.id, status: 'queued' });
  test.equal(Buffer.from((await h.request('GET', `/api/files/${id}/download`)).bytes ?? []).toString(), 'abcdefghi');
  test.match(h.events, [{ name: 'files.uploaded', payload: { fileId: id } }, { name: 'files.process-requested', payload: { fileId: id, options: { ocr: 'force' } } }]);
  test.equal(h.events.length, 2, 'and no others');
  h.clock.advance(400_000);
  test.match(await h.runJobs(), [{ name: 'purge-content' }, { name: 'purge-content' }, { name: 'join-upload', result: { fileId: id } }], 'the job finds it done');
  test.equal(await h.db('documents', 'count', [{}]), 1);
  test.equal((await h.request('DELETE', at, { headers: tus })).status, 204);
  test.same(await left(h), [0, 0]);
  test.equal((await h.request('GET', `/api/files/${id}/download`)).status, 200, 'the file stays');
});

t.test('a file may come with the beginning, and be empty', async (test) => {
  const h = harness();
  const whole = await create(h, jpeg.length, { filename: 'a.jpg' }, { upload: jpeg, headers: part });
  test.match(whole, { status: 201, headers: { 'upload-offset': String(jpeg.length), 'x-files-id': String } });
  test.match((await h.request('GET', `/api/files/${whole.headers['x-files-id']}`)).body, { mimeType: 'image/jpeg', declaredType: null });
  const empty = await create(h, 0);
  test.match((await h.request('GET', `/api/files/${empty.headers['x-files-id']}`)).body, { sizeBytes: 0, mimeType: 'text/plain' });
});

t.test('a folder that goes meanwhile takes no file with it', async (test) => {
  const h = harness();
  const { body: folder } = await h.request('POST', '/api/files/folders', { body: { name: 'a' } });
  const at = await begun(h, 3, { ...quiet, folderId: folder.id });
  test.equal((await h.request('DELETE', `/api/files/folders/${folder.id}`)).status, 204);
  const { status, headers } = await send(h, at, 0, 'abc');
  test.equal(status, 204);
  test.match((await h.request('GET', `/api/files/${headers['x-files-id']}`)).body, { folderId: null, sizeBytes: 3 });
});

t.test('of parts sent at once each byte is taken once', async (test) => {
  const h = harness();
  const at = await begun(h, 6);
  const statuses = (await Promise.all([1, 2, 3].map(() => send(h, at, 0, 'abc')))).map(({ status }) => status);
  test.same(statuses.toSorted(), [204, 409, 409]);
  const ends = await Promise.all([1, 2, 3].map(() => send(h, at, 3, 'def')));
  test.same(ends.map(({ status }) => status).toSorted(), [204, 409, 409]);
  test.equal(await h.db('documents', 'count', [{}]), 1);
  test.equal(names(h).filter((name) => name === 'files.uploaded').length, 1);
});

t.test('a whole upload that nobody put together is put together by the job', async (test) => {
  const h = harness();
  const at = await begun(h, 3);
  await send(h, at, 0, 'abc');
  const [id = ''] = at.split('/').slice(-1);
  // as if the request had died: the file is not there, the upload is whole
  const { contentId } = (await h.db('documents', 'findOne', [{}])) as { contentId: string };
  await h.db('documents', 'delete', [{}]);
  await h.db('resumables', 'update', [id, { fileId: null }]);
  await h.db('parts', 'insert', [{ uploadId: id, offsetBytes: 0, sizeBytes: 3, contentId }]);
  h.clock.advance(400_000);
  await h.runJobs('join-upload');
  test.match((await h.request('GET', at)).body, { fileId: String });
  test.equal(await h.db('documents', 'count', [{}]), 1);
});

t.test('what nobody goes on with expires, with its parts; so does what belongs to somebody who is gone', async (test) => {
  const h = harness();
  const [old, alive] = [await begun(h, 6), await begun(h, 6)];
  await send(h, old, 0, 'abc');
  const { contentId } = (await h.db('parts', 'findOne', [{}])) as { contentId: string };
  await send(h, alive, 0, 'abc');
  await h.db('resumables', 'update', [old.split('/').at(-1) as string, { expiresAt: '2001-01-01T00:00:00.000Z' }]);
  test.equal((await h.request('HEAD', old)).status, 404, 'at once, whenever the job runs');
  test.equal((await send(h, old, 3, 'def')).status, 404);
  const job = h.sendJob('expire-uploads', {});
  await h.runJobs();
  test.same(job.result, { expired: 1 });
  test.equal(h.fileBytes(contentId), null);
  test.match(await h.request('HEAD', alive), { status: 200, headers: { 'upload-offset': '3' } });
  await h.emit({ name: 'users.erased', payload: { userId: '018f0000-0000-7000-8000-00000000000b', emailSha256: 'a'.repeat(64), teamGone: false } });
  test.same(await left(h), [0, 0]);
});
