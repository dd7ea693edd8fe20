import t from 'tap';
import { absentId, harness, names, nobody, otherTenant, uploaded } from './support.ts';

const path = (id: string) => `/api/files/${id}/cancel`;
const ref = 'files.processing';
const options = { extractMetadata: true };

t.test('cancelling is refused', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  const { id: idle } = await uploaded(h, { processImmediately: false });
  const before = names(h);
  test.equal((await h.request('POST', path(id), { as: nobody })).status, 401);
  test.match(await h.request('POST', path(id), { as: { role: 'viewer' } }), { status: 403, body: { details: { permission: 'files:write' } } });
  test.equal((await h.request('POST', path(id), { as: otherTenant })).status, 404);
  test.equal((await h.request('POST', path(absentId))).status, 404);
  test.match(await h.request('POST', path(idle)), { status: 409, body: { error: 'CONFLICT', details: { status: 'queued' } } }, 'nobody has asked for a run');
  await test.rejects(h.serve(ref, 'cancel', { fileId: id, runId }, { as: { role: 'viewer' } }), { code: 'FORBIDDEN' });
  await test.rejects(h.serve(ref, 'cancel', { fileId: id, runId }, { as: otherTenant }), { code: 'NOT_FOUND' });
  test.same(await h.serve(ref, 'cancel', { fileId: id, runId: absentId }), { cancelled: false });
  test.same(names(h), before);
  test.match((await h.request('GET', `/api/files/${id}`)).body, { status: 'queued', error: null });
});

t.test('a cancelled run is over, once, whatever it still reports', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await h.emit({ name: 'document-intelligence.started', payload: { documentId: id, fileId: id, runId } });
  const before = h.events.length;
  const statuses = (await Promise.all([1, 2, 3].map(() => h.request('POST', path(id))))).map(({ status }) => status);
  test.same(statuses.toSorted(), [200, 409, 409]);
  test.match(h.events.slice(before), [{ name: 'files.process-cancelled', payload: { fileId: id, documentId: id, runId } }]);
  test.equal(h.events.length, before + 1, 'and no others');
  await h.emit({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId, kind: 'image', metadata: {}, location: null, warnings: [] } });
  test.match((await h.request('GET', `/api/files/${id}/results`)).body, { status: 'failed', error: { code: 'CANCELLED' }, result: null });
  test.match(await h.request('POST', `/api/files/${id}/process`), { status: 202, body: { status: 'queued', error: null } }, 'it may be asked for again');
});

t.test('runs that other plugins start and end', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, { processImmediately: false });
  await test.rejects(h.serve(ref, 'start', { fileId: id, replace: false, options }, { as: { role: 'viewer' } }), { code: 'FORBIDDEN', details: { permission: 'files:write' } });
  await test.rejects(h.serve(ref, 'start', { fileId: id, replace: false, options }, { as: otherTenant }), { code: 'NOT_FOUND' });
  test.same(names(h), ['files.uploaded']);
  const { runId: first } = (await h.serve(ref, 'start', { fileId: id, replace: false, options: { extractMetadata: false, ocr: 'off' } })) as { runId: string };
  test.match(h.events.at(-1), { name: 'files.process-requested', payload: { runId: first, options: { extractMetadata: false, ocr: 'off' } } });
  await test.rejects(h.serve(ref, 'start', { fileId: id, replace: false, options }), { code: 'CONFLICT' });
  const { runId: second } = (await h.serve(ref, 'start', { fileId: id, replace: true, options })) as { runId: string };
  test.not(second, first);
  test.same(await h.serve(ref, 'cancel', { fileId: id, runId: first }), { cancelled: false });
  test.same(await h.serve(ref, 'cancel', { fileId: id, runId: second }), { cancelled: true });
  test.same(await h.serve(ref, 'cancel', { fileId: id, runId: second }), { cancelled: false });
  test.equal(names(h).filter((name) => name === 'files.process-cancelled').length, 1);
});
