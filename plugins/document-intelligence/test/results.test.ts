import t from 'tap';
import { failure, fileId, names, otherTenant, requested, runId, world } from './support.ts';

const path = `/api/document-intelligence/results/${runId}`;
const analyze = '/api/document-intelligence/analyze';

t.test('who may not, and what does not fit', async (test) => {
  const w = world();
  const body = { documentId: fileId };
  test.equal((await w.h.request('POST', analyze, { as: { userId: null }, body })).status, 401);
  test.match(await w.h.request('POST', analyze, { as: { role: 'viewer' }, body }), { status: 403, body: { details: { permission: 'document-intelligence:extract' } } });
  for (const wrong of [{}, { documentId: 'x' }, { ...body, more: 1 }, { ...body, options: { ocr: 'maybe' } }]) test.equal((await w.h.request('POST', analyze, { body: wrong })).status, 400);
  test.equal((await w.h.request('POST', analyze, { body: { ...body, fileId: runId } })).status, 404, 'two that are not one');
  w.answers['files.processing.start'] = () => Promise.reject(failure('NOT_FOUND', 'not-found'));
  test.equal((await w.h.request('POST', analyze, { body })).status, 404);
  w.answers['files.processing.start'] = () => Promise.reject(failure('CONFLICT', 'conflict'));
  test.equal((await w.h.request('POST', analyze, { body })).status, 409);
  test.equal(w.h.jobs.length, 0);

  test.equal((await w.h.request('GET', path)).status, 404);
  await w.h.emit(requested);
  test.equal((await w.h.request('GET', path, { as: { userId: null } })).status, 401);
  test.equal((await w.h.request('GET', path, { as: { role: null } })).status, 403);
  test.equal((await w.h.request('GET', path, { as: otherTenant })).status, 404);
  test.equal((await w.h.request('POST', `${path}/cancel`, { as: otherTenant })).status, 404);
  test.equal((await w.h.request('POST', `${path}/cancel`, { as: { role: 'viewer' } })).status, 403);
  test.equal((await w.h.request('GET', path, { query: { include: 'everything' } })).status, 400);
  for (const [error, status] of [[failure('NOT_FOUND', 'not-found'), 404], [failure('FORBIDDEN', 'conflict'), 409]] as const) {
    w.answers['files.documents.open'] = () => Promise.reject(error);
    test.equal((await w.h.request('GET', path)).status, status, 'files decides who sees a file');
  }
});

t.test('asked for, followed, and read', async (test) => {
  const w = world();
  const started = await w.h.request('POST', analyze, { body: { documentId: fileId, options: { ocr: 'auto' } } });
  test.match(started, { status: 202, body: { id: runId, jobId: runId, documentId: fileId, status: 'queued' } });
  test.match(await w.h.request('GET', path), { status: 200, body: { status: 'queued', progress: 0, error: null, results: {} } }, 'there at once');
  await w.h.emit(requested);
  test.equal(w.h.jobs.length, 1, 'the event of files asks for the same run');
  await w.h.runJobs();
  const { body } = await w.h.request('GET', path, { as: { role: 'viewer' }, query: { include: 'tags,entities' } });
  test.match(body, { id: runId, documentId: fileId, status: 'completed', progress: 1, stage: null, error: null, labels: [] });
  test.match(body.steps.slice(0, 2), [{ name: 'metadata', state: 'completed', errorCode: null }, { name: 'text', state: 'completed' }]);
  test.match(body.results, { metadata: { status: 'ok', tags: { IFD0: { Make: 'Acme' } } }, text: { ocrPages: 1 } });
  test.same(body.entities.nextCursor, null);
  test.same((await w.h.request('GET', path)).body.results.metadata.tags, {}, 'tags only when asked for');
});

t.test('called off by who may', async (test) => {
  const w = world();
  await w.h.emit(requested);
  test.match(await w.h.request('POST', `${path}/cancel`), { status: 200, body: { id: runId, cancelled: true } });
  test.equal(w.h.jobs[0]?.state, 'cancelled');
  test.match((await w.h.request('GET', path)).body, { status: 'cancelled' });
  await w.h.runJobs();
  test.same(names(w.h), []);
});

t.test('findings of other plugins are added, and nothing is taken away', async (test) => {
  const added = { code: 'HOUSE_RULE', severity: 'low', message: 'No photos of starfish.', where: null };
  const w = world({ hooks: { 'document-intelligence.findings': (payload: { kind: string }) => ({ patch: { findings: [added], labels: ['seaside', payload.kind, 'seaside'] } }) } });
  await w.h.emit(requested);
  await w.h.runJobs();
  const { body } = await w.h.request('GET', path);
  test.match(body, { status: 'completed', labels: ['seaside', 'image'] });
  test.ok((body.results.security.findings as { code: string }[]).some(({ code }) => code === 'HOUSE_RULE'));
  test.match(w.h.events.at(-1)?.payload, { summary: { security: { low: 1 } } });

  const refusing = world({ hooks: { 'document-intelligence.findings': () => ({ refuse: { code: 'NO', message: 'no' } }) } });
  await refusing.h.emit(requested);
  await refusing.h.runJobs();
  test.equal(names(refusing.h).at(-1), 'completed', 'a refusal changes nothing');
});
