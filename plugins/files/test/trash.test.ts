import t from 'tap';
import { absentId, harness, names, nobody, otherMember, otherTenant, uploaded } from './support.ts';

const list = async (h: ReturnType<typeof harness>, query = '') => ((await h.request('GET', `/api/files${query}`)).body.items as { id: string }[]).map(({ id }) => id);

t.test('restoring is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const path = `/api/files/${id}/restore`;
  test.equal((await h.request('POST', path)).status, 404, 'it does not lie in the trash');
  await h.request('DELETE', `/api/files/${id}`);
  const before = names(h);
  test.equal((await h.request('POST', path, { as: nobody })).status, 401);
  test.match(await h.request('POST', path, { as: { role: 'viewer' } }), { status: 403, body: { details: { permission: 'files:delete' } } });
  test.match(await h.request('POST', path, { as: otherMember }), { status: 403, body: { details: { permission: 'files:delete-any' } } });
  test.equal((await h.request('POST', path, { as: otherTenant })).status, 404);
  test.equal((await h.request('POST', `/api/files/${absentId}/restore`)).status, 404);
  test.same(names(h), before);
  test.same(await list(h), []);
});

t.test('a deleted file lies in the trash, unseen and whole, and comes back as it was', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await h.emit({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId, kind: 'image', metadata: { a: 1 }, location: null, warnings: [] } });
  const { contentId } = (await h.db('documents', 'get', [id])) as { contentId: string };
  test.match(await h.request('DELETE', `/api/files/${id}`), { status: 204, body: null });
  test.match(h.events.at(-1), { name: 'files.trashed', payload: { fileId: id, documentId: id, eraseAfter: String } });
  for (const path of ['', '/download', '/status', '/results']) test.equal((await h.request('GET', `/api/files/${id}${path}`)).status, 404, path);
  test.equal((await h.request('POST', `/api/files/${id}/process`)).status, 404);
  test.equal((await h.request('PATCH', `/api/files/${id}`, { body: { filename: 'b.jpg' } })).status, 404);
  test.equal((await h.request('DELETE', `/api/files/${id}`)).status, 404, 'a second time');
  test.same([await list(h), await list(h, '?trash=true')], [[], [id]]);
  test.ok(h.fileBytes(contentId));
  test.same(h.jobs, []);

  test.match(await h.request('POST', `/api/files/${id}/restore`), { status: 200, body: { id, status: 'completed', trashedAt: null } });
  test.match(h.events.at(-1), { name: 'files.restored', payload: { fileId: id, documentId: id } });
  test.match((await h.request('GET', `/api/files/${id}/results`)).body, { result: { metadata: { a: 1 } } });
  test.same([await list(h), await list(h, '?trash=true')], [[id], []]);
  test.equal((await h.request('POST', `/api/files/${id}/restore`)).status, 404, 'a second time');
  test.equal(names(h).includes('files.deleted'), false, 'it was never gone');
});

t.test('a run ends with the trash, whatever it still reports', async (test) => {
  const h = harness();
  const { id, runId } = await uploaded(h);
  await h.emit({ name: 'document-intelligence.started', payload: { documentId: id, fileId: id, runId } });
  await h.request('DELETE', `/api/files/${id}`);
  await h.emit({ name: 'document-intelligence.completed', payload: { documentId: id, fileId: id, runId, kind: 'image', metadata: {}, location: null, warnings: [] } });
  test.equal(await h.db('results', 'count', [{}]), 0);
  test.match((await h.request('POST', `/api/files/${id}/restore`)).body, { status: 'queued', progress: 0 });
  test.equal((await h.request('POST', `/api/files/${id}/process`)).status, 202);
});

t.test('of deletions at once one counts', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const statuses = (await Promise.all([1, 2, 3].map(() => h.request('DELETE', `/api/files/${id}`)))).map(({ status }) => status);
  test.same(statuses.toSorted(), [204, 404, 404]);
  test.equal(names(h).filter((name) => name === 'files.trashed').length, 1);
});

t.test('what lies in the trash can be erased at once', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  await h.request('DELETE', `/api/files/${id}`);
  test.equal((await h.request('DELETE', `/api/files/${id}?permanent=true`, { as: otherMember })).status, 403);
  test.equal((await h.request('DELETE', `/api/files/${id}?permanent=true`)).status, 204);
  test.equal(h.events.at(-1)?.name, 'files.deleted');
  test.equal((await h.request('POST', `/api/files/${id}/restore`)).status, 404);
});

t.test('the trash is emptied of what is old', async (test) => {
  const h = harness();
  const [old, recent, kept] = [await uploaded(h), await uploaded(h), await uploaded(h)];
  for (const { id } of [old, recent]) await h.request('DELETE', `/api/files/${id}`);
  const { contentId } = (await h.db('documents', 'get', [old.id])) as { contentId: string };
  await h.db('documents', 'update', [old.id, { trashedAt: '2001-01-01T00:00:00.000Z' }]);
  const job = h.sendJob('empty-trash', {});
  await h.runJobs();
  test.same(job.result, { erased: 1 });
  test.match(h.events.filter(({ name }) => name === 'files.deleted'), [{ payload: { fileId: old.id } }]);
  test.equal(h.fileBytes(contentId), null);
  test.same([await list(h), await list(h, '?trash=true')], [[kept.id], [recent.id]]);
});

t.test('a team may have no trash', async (test) => {
  const h = harness({ config: { trashDays: 0 } });
  const { id } = await uploaded(h);
  test.equal((await h.request('DELETE', `/api/files/${id}`)).status, 204);
  test.equal(h.events.at(-1)?.name, 'files.deleted');
  test.equal(await h.db('documents', 'count', [{}]), 0);
});
