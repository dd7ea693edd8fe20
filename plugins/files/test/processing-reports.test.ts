import type { Harness } from '@proofpix/sdk/testing';
import t from 'tap';
import { absentId, harness, otherTenant, uploaded } from './support.ts';

const status = async (h: Harness, id: string) => (await h.request('GET', `/api/files/${id}/status`)).body;
const completed = (id: string, runId: string) => ({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId, kind: 'image', metadata: { image: { width: 3 } }, location: null, warnings: [{ code: 'W', message: 'w' }] } });

t.test('reports that count for nothing', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const before = await h.db('documents', 'get', [id]);
  await h.emit(completed(id, absentId));
  await h.emit({ ...completed(id, runId), as: otherTenant });
  await h.emit(completed(absentId, runId));
  await h.emit({ name: 'document-intelligence.failed', payload: { documentId: id, fileId: id, runId: absentId, error: { code: 'X', message: 'x' } } });
  await h.emit({ name: 'document-intelligence.started', payload: { documentId: absentId, fileId: absentId, runId } });
  test.same(await h.db('documents', 'get', [id]), before, 'another run, another tenant, another file');
  test.equal(await h.db('results', 'count', [{}]), 0);
});

t.test('a run from start to end', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const run = { documentId: id, fileId: id, runId };
  await h.emit({ name: 'document-intelligence.started', payload: run });
  test.match(await status(h, id), { status: 'processing', progress: 0 });
  await h.emit({ name: 'document-intelligence.progressed', payload: { ...run, progress: 0.5, stage: 'metadata' } });
  test.match(await status(h, id), { status: 'processing', progress: 0.5, stage: 'metadata' });
  await h.emit({ name: 'document-intelligence.progressed', payload: { ...run, progress: 0.2, stage: 'reading' } });
  test.match(await status(h, id), { progress: 0.5, stage: 'metadata' }, 'late progress does not go back');
  await h.emit({ name: 'document-intelligence.started', payload: run });
  test.match(await status(h, id), { status: 'processing', progress: 0.5 }, 'nor does a repeated start');
  await h.emit(completed(id, runId));
  test.match(await status(h, id), { status: 'completed', progress: 1, stage: null, error: null });
  test.match((await h.request('GET', `/api/files/${id}/results`)).body, { id, status: 'completed', result: { kind: 'image', metadata: { image: { width: 3 } }, location: null, warnings: [{ code: 'W' }] } });
  test.equal((await h.request('GET', `/api/files/${id}/results`)).body.result.summary, null, 'this processor gave none');
  test.equal(h.events.length, 2, 'reports cause no events');
  test.same(h.jobs, [], 'and no jobs');
});

t.test('the findings in short are shown with the results', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const summary = { language: 'en', classification: { label: 'invoice', confidence: 0.9 }, pageCount: 2, ocrPages: 1, entities: { PERSON: 2 }, security: { high: 1 } };
  const { name, payload } = completed(id, runId);
  await h.emit({ name, payload: { ...payload, summary } });
  test.same((await h.request('GET', `/api/files/${id}/results`)).body.result.summary, summary);
});

t.test('deliveries repeated and out of order', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const run = { documentId: id, fileId: id, runId };
  await h.emit(completed(id, runId));
  await h.emit(completed(id, runId));
  await h.emit({ name: 'document-intelligence.failed', payload: { ...run, error: { code: 'X', message: 'x' } } });
  await h.emit({ name: 'document-intelligence.progressed', payload: { ...run, progress: 0.9, stage: 'place' } });
  await h.emit({ name: 'document-intelligence.started', payload: run });
  test.match(await status(h, id), { status: 'completed', progress: 1, error: null });
  test.equal(await h.db('results', 'count', [{}]), 1);
});

t.test('reports for a deleted file are harmless', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await h.request('DELETE', `/api/files/${id}?permanent=true`);
  await h.emit(completed(id, runId));
  test.equal(await h.db('results', 'count', [{}]), 0);
  test.equal((await h.request('GET', `/api/files/${id}`)).status, 404);
});

t.test('a failure is told with its code', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await h.emit({ name: 'document-intelligence.failed', payload: { documentId: id, fileId: id, runId, error: { code: 'UNREADABLE_IMAGE', message: 'The image is damaged.' } } });
  test.match(await status(h, id), { status: 'failed', error: { code: 'UNREADABLE_IMAGE', message: 'The image is damaged.' } });
});

t.test('a run that nobody reports on expires, one that lives does not', async (test) => {
  const h = harness();
  const silent = await uploaded(h);
  const alive = await uploaded(h);
  const idle = await uploaded(h, { processImmediately: false });
  const early = h.sendJob('expire-runs', {});
  await h.runJobs();
  test.same(early.result, { expired: 0 });
  for (const { id } of [silent, alive]) await h.db('documents', 'update', [id, { runSeenAt: '2001-01-01T00:00:00.000Z' }]);
  await h.emit({ name: 'document-intelligence.progressed', payload: { documentId: alive.id, fileId: alive.id, runId: alive.runId, progress: 0.5, stage: 'metadata' } });
  const before = h.events.length;
  const job = h.sendJob('expire-runs', {});
  await h.runJobs();
  test.same(job.result, { expired: 1 });
  test.match(await status(h, silent.id), { status: 'failed', error: { code: 'PROCESSING_TIMED_OUT' } });
  test.match(await status(h, alive.id), { status: 'processing' });
  test.match(await status(h, idle.id), { status: 'queued', error: null });
  test.match(h.events.slice(before), [{ name: 'files.processing-expired', payload: { fileId: silent.id, runId: silent.runId, error: { code: 'PROCESSING_TIMED_OUT' } } }]);
  await h.emit(completed(silent.id, silent.runId));
  test.match(await status(h, silent.id), { status: 'failed' }, 'its late report counts no more');
  test.equal((await h.request('POST', `/api/files/${silent.id}/process`)).status, 202);
});
