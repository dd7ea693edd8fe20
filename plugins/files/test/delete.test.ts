import t from 'tap';
import { absentId, harness, names, nobody, otherMember, otherTenant, uploaded } from './support.ts';

t.test('deleting is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const before = names(h);
  test.equal((await h.request('DELETE', `/api/files/${id}`, { as: nobody })).status, 401);
  test.match(await h.request('DELETE', `/api/files/${id}`, { as: { role: 'viewer' } }), { status: 403, body: { details: { permission: 'files:delete' } } });
  test.match(await h.request('DELETE', `/api/files/${id}`, { as: otherMember }), { status: 403, body: { details: { permission: 'files:delete-any' } } });
  test.equal((await h.request('DELETE', `/api/files/${id}`, { as: otherTenant })).status, 404);
  test.equal((await h.request('DELETE', `/api/files/${absentId}`)).status, 404);
  test.same(names(h), before);
  test.same(h.jobs, []);
  test.equal((await h.request('GET', `/api/files/${id}`)).status, 200, 'it is still there');
});

t.test('record, results, event and content go', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await h.emit({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId, kind: 'image', metadata: {}, location: null, warnings: [] } });
  const record = (await h.db('documents', 'get', [id])) as { contentId: string; sha256: string };
  test.ok(h.fileBytes(record.contentId));
  const response = await h.request('DELETE', `/api/files/${id}?permanent=true`);
  test.match(response, { status: 204, body: null });
  test.match(h.events.at(-1), { name: 'files.deleted', payload: { fileId: id, documentId: id, sha256: record.sha256 } });
  test.equal(await h.db('documents', 'count', [{}]), 0);
  test.equal(await h.db('results', 'count', [{}]), 0);
  test.same((await h.runJobs()).map(({ name, state }) => ({ name, state })), [{ name: 'purge-content', state: 'completed' }], 'and no others');
  test.equal(h.fileBytes(record.contentId), null);
  test.equal((await h.request('DELETE', `/api/files/${id}?permanent=true`)).status, 404, 'a second time');
});

t.test('content that is gone already ends the purge well', async (test) => {
  const h = harness();
  const job = h.sendJob('purge-content', { contentId: absentId });
  await h.runJobs();
  test.equal(job.state, 'completed');
});

t.test('an admin deletes what others uploaded', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  test.equal((await h.request('DELETE', `/api/files/${id}`, { as: { ...otherMember, role: 'admin' } })).status, 204);
});
