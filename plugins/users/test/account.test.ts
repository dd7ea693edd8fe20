import t from 'tap';
import { defaults } from '../preferences.ts';
import { harness, last, me, nobody, otherTenant, stranger } from './support.ts';

t.test('nothing of it is for nobody', async (t) => {
  const h = harness();
  for (const [method, path] of [['GET', '/api/users/profile'], ['GET', '/api/users/preferences'], ['DELETE', '/api/users/account'], ['POST', '/api/users/account/restore'], ['POST', '/api/users/account/export'], ['DELETE', '/api/users/avatar']] as const) {
    t.equal((await h.request(method, path, { as: nobody, body: {} })).status, 401, path);
  }
  t.same(h.asked, []);
});

t.test('a profile changes by known fields only, with its event', async (t) => {
  const h = harness();
  for (const body of [{}, { email: 'x@example.com' }, { operator: true }, { phone: '<script>' }, { firstName: '' }, { bio: 'x'.repeat(1001) }]) t.equal((await h.request('PUT', '/api/users/profile/update', { body })).status, 400, JSON.stringify(body).slice(0, 40));
  t.same(h.asked, []);
  t.match(await h.request('PUT', '/api/users/profile/update', { body: { jobTitle: 'Archivist', bio: null } }), { status: 200, body: { id: me, jobTitle: 'Archivist', avatarUrl: null } });
  t.same(last(h, 'updateProfile'), { jobTitle: 'Archivist', bio: null, emit: [{ name: 'users.profile-updated', payload: { userId: me, fields: ['jobTitle', 'bio'] } }] });
});

t.test('preferences are completed; what an older version left is passed over; null goes back', async (t) => {
  const h = harness();
  t.same((await h.request('GET', '/api/users/preferences')).body, { id: me, preferences: { ...defaults, theme: 'dark' }, defaults });
  for (const body of [{}, { unknown: 1 }, { theme: 'pink' }, { itemsPerPage: 5 }, { locale: 'x' }, { timeZone: 'Not/AZone' }, { notifications: { fax: true } }]) t.equal((await h.request('PUT', '/api/users/preferences/update', { body })).status, 400, JSON.stringify(body));
  t.equal(last(h, 'updatePreferences'), undefined);
  const { body } = await h.request('PUT', '/api/users/preferences/update', { body: { timeZone: 'Europe/Lisbon', locale: 'pt-PT', notifications: { digest: 'weekly' } } });
  t.match(body, { preferences: { timeZone: 'Europe/Lisbon', notifications: { ...defaults.notifications, digest: 'weekly' } } });
  t.equal((await h.request('PUT', '/api/users/preferences/update', { body: { theme: null, notifications: null } })).status, 200);
  t.same(last(h, 'updatePreferences'), { patch: { theme: null, notifications: null } });
});

t.test('a picture goes by way of the images plugin; the upload itself is not kept', async (t) => {
  const h = harness();
  t.equal((await h.request('POST', '/api/users/avatar/upload')).status, 400);
  const { status, body } = await h.request('POST', '/api/users/avatar/upload', { files: [{ field: 'avatar', filename: 'me.png', mimeType: 'image/png', content: 'PNG' }] });
  t.match({ status, body }, { status: 201, body: { avatarUrl: `/api/users/${me}/avatar?v=aaaaaaaaaaaaaaaa` } });
  t.same(last(h, 'make')?.['sizes'], [64, 256]);
  t.match(last(h, 'putAvatar'), { images: [{ size: 64 }, { size: 256 }], emit: [{ name: 'users.avatar-updated', payload: { userId: me } }] });

  const shown = await h.request('GET', `/api/users/${me}/avatar?size=64`);
  t.match(shown, { status: 200, headers: { etag: `"${'b'.repeat(64)}"`, 'content-type': 'image/webp' } });
  t.same([...(shown.bytes ?? [])], [0x52, 0x49, 0x46, 0x46, 0xff], 'the bytes as they were');
  t.equal((await h.request('GET', `/api/users/${me}/avatar`, { headers: { 'if-none-match': `W/"x", "${'b'.repeat(64)}"` } })).status, 304);
  t.equal((await h.request('GET', `/api/users/${stranger}/avatar`)).status, 404);
  t.equal((await h.request('DELETE', '/api/users/avatar')).status, 204);
});

t.test('leaving sends the job for the day when it is due, and can be taken back', async (t) => {
  const h = harness();
  t.match(await h.request('DELETE', '/api/users/account', { body: { password: 'secret' } }), { status: 202, body: { id: me, eraseAt: '2026-01-31T00:00:00.000Z' } });
  t.match(last(h, 'requestErasure'), { password: 'secret', emit: [{ name: 'users.erasure-requested' }] });
  t.same(h.jobs.map(({ name, data }) => ({ name, data })), [{ name: 'erase-accounts', data: { userId: me } }]);
  t.notMatch(JSON.stringify([h.jobs, h.events, h.logs]), /secret/, 'the password goes nowhere else');
  await h.runJobs();
  t.equal(last(h, 'eraseDue'), undefined, 'not before its time');
  h.clock.advance(31 * 86_400_000);
  await h.runJobs();
  t.same(last(h, 'eraseDue'), { userId: me, limit: 20, event: 'users.erased' });
  t.equal((await h.request('POST', '/api/users/account/restore')).status, 200);
});

t.test('with the person goes what this plugin keeps of them', async (t) => {
  const h = harness();
  await h.request('POST', '/api/users/account/export');
  await h.runJobs();
  const { items } = (await h.db('exports', 'find', [{}])) as unknown as { items: { fileId: string }[] };
  t.ok(h.fileBytes(items[0]?.fileId ?? ''));
  const gone = { name: 'users.erased', payload: { userId: me, emailSha256: 'c'.repeat(64), teamGone: false } };
  await h.emit({ ...gone, payload: { ...gone.payload, userId: stranger } });
  t.equal(await h.db('exports', 'count', [{}]), 1, 'somebody else');
  await h.emit(gone);
  await h.emit(gone);
  t.equal(await h.db('exports', 'count', [{}]), 0);
  t.equal(h.fileBytes(items[0]?.fileId ?? ''), null);
});

t.test('with a team goes what this plugin keeps for it, and nothing of others', async (t) => {
  const h = harness();
  await h.request('POST', '/api/users/account/export');
  await h.request('POST', '/api/users/account/export', { as: otherTenant });
  await h.runJobs();
  t.same(await h.emit({ name: 'teams.deleted', payload: { teamId: '018f0000-0000-7000-8000-00000000000a' } }), ['team-deleted']);
  for (const collection of ['exports', 'bulkOperations', 'bulkRows']) t.equal(await h.db(collection, 'count', [{}]), 0, collection);
  t.equal((await h.request('GET', '/api/users/account/export', { as: otherTenant })).body.items.length, 1);
});
