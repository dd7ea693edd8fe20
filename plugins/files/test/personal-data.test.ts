import t from 'tap';
import { harness, names, otherMember, otherTenant, uploaded } from './support.ts';

const me = '018f0000-0000-7000-8000-00000000000b';
const erased = (change: object = {}) => ({ name: 'users.erased', payload: { userId: me, emailSha256: 'a'.repeat(64), teamGone: false, ...change } });

t.test('with a person go their own uploads, and nobody else’s', async (test) => {
  const h = harness();
  const { id } = await uploaded(h);
  const { id: theirs } = await uploaded(h, {}, otherMember);
  const { id: elsewhere } = await uploaded(h, {}, { ...otherTenant, role: 'member' });
  const record = (await h.db('documents', 'get', [id])) as { contentId: string };
  await h.emit(erased());
  await h.emit(erased());
  await h.runJobs();
  test.equal((await h.request('GET', `/api/files/${id}`)).status, 404);
  test.equal(h.fileBytes(record.contentId), null);
  test.equal((await h.request('GET', `/api/files/${theirs}`)).status, 200);
  test.equal((await h.request('GET', `/api/files/${elsewhere}`, { as: otherTenant })).status, 200);
  test.equal(names(h).filter((name) => name === 'files.deleted').length, 1, 'once, however often it is told');
  await h.emit(erased({ teamGone: true }));
  test.equal(await h.db('documents', 'count', [{}]), 0, 'with the team everything');
});

t.test('an export has a person’s own uploads, page by page', async (test) => {
  const h = harness();
  for (let n = 0; n < 51; n += 1) await uploaded(h, { processImmediately: false });
  await uploaded(h, {}, otherMember);
  const before = { path: 'notes/1.json', json: {} };
  const first = (await h.hook('users.export', { userId: me, page: 0, parts: [before], more: false })) as { patch: { parts: { path: string; file?: string; json?: object }[]; more: boolean } };
  test.equal(first.patch.parts.length, 101, 'what others have added stays');
  test.equal(first.patch.more, true);
  test.match(first.patch.parts[1], { path: /^files\/.*\/record\.json$/, json: { filename: 'a.jpg', ownerId: me } });
  test.match(first.patch.parts[2], { path: /^files\/.*\/a\.jpg$/, file: String });
  const second = (await h.hook('users.export', { userId: me, page: 1, parts: [], more: false })) as typeof first;
  test.equal(second.patch.parts.length, 2);
  test.equal(second.patch.more, false);
  test.equal(await h.hook('users.export', { userId: me, page: 2, parts: [], more: true }), undefined, 'nothing is left');
});
