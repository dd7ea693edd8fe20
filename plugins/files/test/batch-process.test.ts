import t from 'tap';
import { absentId, harness, names, nobody, otherTenant, uploaded } from './support.ts';

const path = '/api/files/batch-process';
const idle = { processImmediately: false };

t.test('processing of many is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, idle);
  const body = { fileIds: [id] };
  test.equal((await h.request('POST', path, { as: nobody, body })).status, 401);
  test.match(await h.request('POST', path, { as: { role: 'viewer' }, body }), { status: 403, body: { details: { permission: 'files:write' } } });
  const many = Array.from({ length: 1001 }, (_, at) => absentId.slice(0, -4) + String(at).padStart(4, '0'));
  for (const one of [{}, { fileIds: [] }, { fileIds: [id, id] }, { fileIds: ['x'] }, { fileIds: many }, { ...body, options: { ocr: 'perhaps' } }, { ...body, options: { fast: true } }]) test.equal((await h.request('POST', path, { body: one })).status, 400);
  test.same(names(h), ['files.uploaded']);
});

t.test('each file has its own result', async (test) => {
  const h = harness();
  const [waiting, busy, trashed] = [await uploaded(h, idle), await uploaded(h), await uploaded(h, idle)];
  const foreign = await uploaded(h, idle, { ...otherTenant, role: 'member' });
  await h.request('DELETE', `/api/files/${trashed.id}`);
  const before = h.events.length;
  const { status, body } = await h.request('POST', path, { body: { fileIds: [absentId, waiting.id, busy.id, trashed.id, foreign.id], options: { ocr: 'force' } } });
  test.equal(status, 202);
  test.match(body, { total: 5, queued: 1, failed: 4 });
  test.match(body.items, [
    { fileId: absentId, status: null, error: { code: 'NOT_FOUND' } },
    { fileId: waiting.id, status: 'queued', error: null },
    { fileId: busy.id, error: { code: 'CONFLICT' } },
    { fileId: trashed.id, error: { code: 'NOT_FOUND' } },
    { fileId: foreign.id, error: { code: 'NOT_FOUND' } },
  ]);
  test.match(h.events.slice(before), [{ name: 'files.process-requested', payload: { fileId: waiting.id, options: { extractMetadata: true, ocr: 'force' } } }]);
  test.equal(h.events.length, before + 1, 'and no others');
});

t.test('reprocessing is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const before = names(h);
  test.equal((await h.request('POST', `/api/files/${id}/reprocess`, { as: nobody })).status, 401);
  test.equal((await h.request('POST', `/api/files/${id}/reprocess`, { as: { role: 'viewer' } })).status, 403);
  test.equal((await h.request('POST', `/api/files/${id}/reprocess`, { as: otherTenant })).status, 404);
  test.equal((await h.request('POST', `/api/files/${absentId}/reprocess`)).status, 404);
  await h.request('DELETE', `/api/files/${id}`);
  test.equal((await h.request('POST', `/api/files/${id}/reprocess`)).status, 404, 'from the trash');
  test.same(names(h), [...before, 'files.trashed']);
});

t.test('a new run takes the place of the one under way', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const completed = (run: string, a: number) => ({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId: run, kind: 'image', metadata: { a }, location: null, warnings: [] } });
  test.match(await h.request('POST', `/api/files/${id}/reprocess`), { status: 202, body: { id, status: 'queued', progress: 0 } });
  const second = h.events.at(-1)?.payload.runId as string;
  test.not(second, runId);
  await h.emit(completed(runId, 1));
  test.match((await h.request('GET', `/api/files/${id}/results`)).body, { status: 'queued', result: null }, 'what the first still reports counts for nothing');
  await h.emit(completed(second, 2));
  test.match((await h.request('GET', `/api/files/${id}/results`)).body, { status: 'completed', result: { metadata: { a: 2 } } });
  test.equal((await h.request('POST', `/api/files/${id}/reprocess`)).status, 202, 'also when none is under way');
});
