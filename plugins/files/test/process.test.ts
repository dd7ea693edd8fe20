import t from 'tap';
import { absentId, harness, names, nobody, otherTenant, uploaded } from './support.ts';

const path = (id: string) => `/api/files/${id}/process`;

t.test('processing is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  test.equal((await h.request('POST', path(id), { as: nobody })).status, 401);
  test.equal((await h.request('POST', path(id), { as: { role: 'viewer' } })).status, 403);
  test.equal((await h.request('POST', path(id), { as: otherTenant })).status, 404);
  test.equal((await h.request('POST', path(absentId))).status, 404);
  for (const body of [{ options: { ocr: 'perhaps' } }, { options: { fast: true } }, { fast: true }]) test.equal((await h.request('POST', path(id), { body })).status, 400);
  test.same(names(h), ['files.uploaded']);
});

t.test('options of a run stay with the document', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false, extractMetadata: false });
  test.equal((await h.request('POST', path(id), { body: { options: { ocr: 'force' } } })).status, 202);
  test.match(h.events.at(-1), { payload: { options: { extractMetadata: false, ocr: 'force' } } });
  await h.request('POST', `/api/files/${id}/reprocess`, { body: { options: { extractMetadata: true } } });
  test.match(h.events.at(-1), { payload: { options: { extractMetadata: true, ocr: 'force' } } });
});

t.test('a file is queued once', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  test.match(await h.request('POST', path(id)), { status: 202, body: { id, status: 'queued', progress: 0 } });
  test.same(names(h), ['files.uploaded', 'files.process-requested'], 'and no others');
  test.match(await h.request('POST', path(id)), { status: 409, body: { error: 'CONFLICT', details: { status: 'queued' } } });
  test.equal(h.events.length, 2);
});

t.test('of concurrent requests one wins', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  const statuses = (await Promise.all(Array.from({ length: 5 }, () => h.request('POST', path(id))))).map((response) => response.status);
  test.same(statuses.toSorted(), [202, 409, 409, 409, 409]);
  test.equal(names(h).filter((name) => name === 'files.process-requested').length, 1);
});

t.test('a finished or failed file may be processed again, its old result kept meanwhile', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const run = { documentId: id, fileId: id };
  await h.emit({ name: 'document-intelligence.completed', payload: { ...run, runId, kind: 'image', metadata: { a: 1 }, location: null, warnings: [] } });
  test.equal((await h.request('POST', path(id))).status, 202);
  test.match(await h.request('GET', `/api/files/${id}/results`), { body: { status: 'queued', result: { metadata: { a: 1 } } } });
  const second = h.events.at(-1)?.payload.runId as string;
  test.not(second, runId);
  await h.emit({ name: 'document-intelligence.failed', payload: { ...run, runId: second, error: { code: 'X', message: 'no' } } });
  test.match(await h.request('GET', `/api/files/${id}`), { body: { status: 'failed', error: { code: 'X' } } });
  test.match(await h.request('POST', path(id)), { status: 202, body: { status: 'queued', error: null } });
});
