import t from 'tap';
import { absentId, harness, jpeg, nobody, otherTenant, uploaded } from './support.ts';

const paths = (id: string) => [`/api/files/${id}`, `/api/files/${id}/download`, `/api/files/${id}/status`, `/api/files/${id}/results`];

t.test('reading is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  for (const path of paths(id)) {
    test.equal((await h.request('GET', path, { as: nobody })).status, 401, path);
    test.equal((await h.request('GET', path, { as: { role: null } })).status, 403, path);
    test.equal((await h.request('GET', path, { as: otherTenant })).status, 404, `${path} of another tenant`);
  }
  for (const path of paths(absentId)) test.match(await h.request('GET', path), { status: 404, body: { error: 'NOT_FOUND' } }, path);
  for (const path of paths('not-an-id')) test.match(await h.request('GET', path), { status: 400, body: { error: 'VALIDATION_ERROR' } }, path);
});

t.test('a viewer reads everything and changes nothing', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const before = h.events.length;
  const as = { role: 'viewer' as const, userId: '018f0000-0000-7000-8000-0000000000dd' };
  test.match(await h.request('GET', `/api/files/${id}`, { as }), { status: 200, body: { id, filename: 'a.jpg', status: 'queued' } });
  test.match(await h.request('GET', `/api/files/${id}/status`, { as }), { status: 200, body: { id, status: 'queued', progress: 0, stage: null, error: null } });
  test.match(await h.request('GET', `/api/files/${id}/results`, { as }), { status: 200, body: { id, status: 'queued', result: null } });
  const download = await h.request('GET', `/api/files/${id}/download`, { as });
  test.equal(download.status, 200);
  test.same(Buffer.from(download.bytes ?? []), Buffer.from(jpeg));
  test.match(download.headers, { 'content-type': 'image/jpeg', 'content-disposition': 'attachment; filename="a.jpg"' });
  test.equal(h.events.length, before, 'no events');
  test.same(h.jobs, [], 'no jobs');
});
