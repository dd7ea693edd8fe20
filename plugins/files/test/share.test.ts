import type { Harness, RequestInit } from '@proofpix/sdk/testing';
import t from 'tap';
import { absentId, harness, jpeg, nobody, otherMember, otherTenant, uploaded } from './support.ts';

async function shared(h: Harness, body: object = {}) {
  const { id } = await uploaded(h, { processImmediately: false });
  const made = await h.request('POST', `/api/files/${id}/share`, { body });
  if (made.status !== 201) throw new Error(`sharing answered ${made.status}`);
  const get = (init: RequestInit = {}) => h.request('GET', made.body.path as string, { as: nobody, ...init });
  return { id, share: made.body as { id: string; token: string; path: string }, get, shares: async () => (await h.request('GET', `/api/files/${id}/shares`)).body.items };
}

const audits = (h: Harness) => h.audited.map(({ action }) => action);

t.test('sharing is refused', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const path = `/api/files/${id}/share`;
  test.equal((await h.request('POST', path, { as: nobody, body: {} })).status, 401);
  test.match(await h.request('POST', path, { as: { role: 'viewer' }, body: {} }), { status: 403, body: { details: { permission: 'files:share' } } });
  test.match(await h.request('POST', path, { as: { role: null, permissions: ['files:share'] }, body: {} }), { status: 403, body: { details: { permission: 'files:read' } } });
  test.equal((await h.request('POST', path, { as: otherTenant, body: {} })).status, 404);
  test.equal((await h.request('POST', `/api/files/${absentId}/share`, { body: {} })).status, 404);
  for (const body of [{ expiresInSeconds: 59 }, { expiresInSeconds: 31_536_001 }, { maxDownloads: 0 }, { maxDownloads: 1.5 }, { password: 'short' }, { password: 'with\u0000nul' }, { secret: 'x' }]) test.equal((await h.request('POST', path, { body })).status, 400, JSON.stringify(body));
  await h.request('DELETE', `/api/files/${id}`);
  test.equal((await h.request('POST', path, { body: {} })).status, 404, 'from the trash');
  test.equal(await h.db('shares', 'count', [{}]), 0);
  test.same(audits(h), []);
});

t.test('seeing and revoking links is refused', async (test) => {
  const h = harness();
  const { id, share, get } = await shared(h);
  const one = `/api/files/${id}/shares/${share.id}`;
  for (const [method, path] of [['GET', `/api/files/${id}/shares`], ['DELETE', one]] as const) {
    test.equal((await h.request(method, path, { as: nobody })).status, 401);
    test.equal((await h.request(method, path, { as: { role: 'viewer' } })).status, 403);
    test.equal((await h.request(method, path, { as: otherTenant })).status, 404);
  }
  test.match(await h.request('DELETE', one, { as: otherMember }), { status: 403, body: { details: { permission: 'files:delete-any' } } });
  const { id: another } = await uploaded(h);
  test.equal((await h.request('DELETE', `/api/files/${another}/shares/${share.id}`)).status, 404, 'of another file');
  test.equal((await h.request('DELETE', `/api/files/${id}/shares/${absentId}`)).status, 404);
  test.equal((await get()).status, 200, 'it still leads there');
});

t.test('a link leads anybody to the file, and every use is counted and audited', async (test) => {
  const h = harness();
  const { id, share, get, shares } = await shared(h);
  test.match(share, { fileId: id, status: 'active', maxDownloads: null, downloads: 0, path: `/api/files/shared/${share.token}` });
  const { status, headers, bytes } = await get();
  test.equal(status, 200);
  test.same(Buffer.from(bytes ?? []), Buffer.from(jpeg));
  test.match(headers, { 'content-type': 'image/jpeg', 'content-disposition': 'attachment; filename="a.jpg"', 'cache-control': 'private, no-store' });
  await get();
  test.match(await shares(), [{ id: share.id, downloads: 2, status: 'active', lastUsedAt: String }]);
  test.notOk(JSON.stringify(await shares()).includes(share.token), 'the link is shown once');
  test.same(audits(h), ['files.shared', 'files.share-used', 'files.share-used']);
  test.match(h.audited.at(-1), { target: id, details: { shareId: share.id }, principal: { kind: 'public' } });
  test.notOk(JSON.stringify(h.audited).includes(share.token));
});

t.test('links that are over answer alike', async (test) => {
  const h = harness();
  const reasons: [string, (given: Awaited<ReturnType<typeof shared>>) => unknown][] = [
    ['revoked', ({ id, share }) => h.request('DELETE', `/api/files/${id}/shares/${share.id}`)],
    ['expired', ({ share }) => h.db('shares', 'update', [share.id, { expiresAt: '2001-01-01T00:00:00.000Z' }])],
    ['used up', ({ get }) => get()],
    ['in the trash', ({ id }) => h.request('DELETE', `/api/files/${id}`)],
    ['erased', ({ id }) => h.request('DELETE', `/api/files/${id}?permanent=true`)],
  ];
  const answers = [];
  for (const [reason, make] of reasons) {
    const given = await shared(h, { maxDownloads: 1 });
    await make(given);
    const uses = audits(h).length;
    const { status, body } = await given.get();
    test.equal(status, 404, reason);
    test.equal(audits(h).length, uses, `${reason}: no use`);
    const { requestId: _, ...rest } = body;
    answers.push(rest);
  }
  for (const answer of answers) test.same(answer, answers[0]);
  test.equal((await h.request('GET', '/api/files/shared/nonsense', { as: nobody })).status, 404);
});

t.test('of a crowd no more get in than may', async (test) => {
  const h = harness();
  const { get, shares } = await shared(h, { maxDownloads: 3 });
  const statuses = (await Promise.all(Array.from({ length: 10 }, () => get()))).map(({ status }) => status);
  test.equal(statuses.filter((status) => status === 200).length, 3);
  test.equal(statuses.filter((status) => status === 404).length, 7);
  test.match(await shares(), [{ downloads: 3, status: 'used-up' }]);
});

t.test('a link works again when its file is back', async (test) => {
  const h = harness();
  const { id, get } = await shared(h);
  await h.request('DELETE', `/api/files/${id}`);
  test.equal((await get()).status, 404);
  await h.request('POST', `/api/files/${id}/restore`);
  test.equal((await get()).status, 200);
});

t.test('who revokes: whoever shared, the file’s owner and an admin, once or twice', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const share = async () => (await h.request('POST', `/api/files/${id}/share`, { as: otherMember, body: {} })).body.id as string;
  const revoke = async (as: object) => {
    const path = `/api/files/${id}/shares/${await share()}`;
    return [(await h.request('DELETE', path, { as })).status, (await h.request('DELETE', path, { as })).status];
  };
  test.same(await revoke(otherMember), [204, 204]);
  test.same(await revoke({ role: 'member' }), [204, 204]);
  test.same(await revoke({ role: 'admin', userId: '018f0000-0000-7000-8000-0000000000dd' }), [204, 204]);
  test.equal(audits(h).filter((action) => action === 'files.share-revoked').length, 3);
});

t.test('a file has only so many links, and those of a person go with them', async (test) => {
  const h = harness();
  const { id } = await uploaded(h, {}, otherMember);
  const share = () => h.request('POST', `/api/files/${id}/share`, { body: {} });
  const { path } = (await share()).body;
  for (let n = 1; n < 100; n += 1) await share();
  test.match(await share(), { status: 409, body: { error: 'TOO_MANY_SHARES' } });
  await h.emit({ name: 'users.erased', payload: { userId: '018f0000-0000-7000-8000-00000000000b', emailSha256: 'a'.repeat(64), teamGone: false } });
  test.equal((await h.request('GET', path, { as: nobody })).status, 404);
  test.equal((await h.request('GET', `/api/files/${id}`)).status, 200, 'the file is somebody else’s');
  test.equal((await share()).status, 201);
});

t.test('links that expired long ago are forgotten', async (test) => {
  const h = harness();
  const { share } = await shared(h);
  await shared(h);
  await h.db('shares', 'update', [share.id, { expiresAt: '2001-01-01T00:00:00.000Z' }]);
  const job = h.sendJob('drop-shares', {});
  await h.runJobs();
  test.same(job.result, { dropped: 1 });
  test.equal(await h.db('shares', 'count', [{}]), 1);
});
