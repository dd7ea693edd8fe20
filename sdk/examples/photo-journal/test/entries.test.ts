import t from 'tap';
import { createHarness } from '@proofpix/sdk/testing';
import plugin from '../plugin.ts';

const otherTenant = '018f0000-0000-7000-8000-0000000000ff';

t.test('nobody reads or writes without the permission, nor in another tenant', async (test) => {
  const journal = createHarness(plugin);
  const { body: entry } = await journal.request('POST', '/entries', { body: { title: 'Mine' } });
  for (const [method, path] of [['GET', '/entries'], ['GET', `/entries/${entry.id}`], ['GET', '/stats'], ['POST', '/entries'], ['DELETE', `/entries/${entry.id}`]] as const) {
    test.equal((await journal.request(method, path, { as: { userId: null }, body: { title: 'x' } })).status, 401, `${method} ${path}`);
    test.equal((await journal.request(method, path, { as: { role: null }, body: { title: 'x' } })).status, 403, `${method} ${path}`);
  }
  test.match(await journal.request('POST', '/entries', { as: { role: 'viewer' }, body: { title: 'x' } }), { status: 403, body: { details: { permission: 'photo-journal:write' } } });
  test.equal((await journal.request('GET', `/entries/${entry.id}`, { as: { tenantId: otherTenant } })).status, 404);
  test.equal((await journal.request('DELETE', `/entries/${entry.id}`, { as: { tenantId: otherTenant } })).status, 404);
  test.same((await journal.request('GET', '/entries', { as: { tenantId: otherTenant } })).body, { items: [], nextCursor: null });
  test.equal((await journal.request('GET', '/entries')).body.items.length, 1);
});

t.test('bad input is refused', async (test) => {
  const journal = createHarness(plugin);
  for (const body of [null, {}, { title: '' }, { title: 'x'.repeat(201) }, { title: 'x', extra: 1 }]) test.match(await journal.request('POST', '/entries', { body }), { status: 400, body: { error: 'VALIDATION_ERROR' } });
  test.equal((await journal.request('GET', '/entries?limit=0')).status, 400);
  test.equal((await journal.request('GET', '/entries?cursor=forged')).status, 400);
  test.equal((await journal.request('GET', '/entries/not-an-id')).status, 404);
  test.same([journal.events.length, journal.jobs.length, journal.published.length], [0, 0, 0]);
});

t.test('writes, lists in pages, and deletes', async (test) => {
  const journal = createHarness(plugin);
  for (const title of ['One', 'Two', 'Three']) {
    test.match(await journal.request('POST', '/entries', { body: { title } }), { status: 201, body: { title, note: '' } });
    journal.clock.advance(1000);
  }
  test.match(journal.events, [{ name: 'photo-journal.entry-added', payload: { title: 'One', fileId: null, place: null } }, {}, {}]);
  test.match(journal.published, [{ to: { tenant: true }, event: 'journal:entry-added' }, {}, {}]);
  test.equal(journal.jobs.length, 0, 'nothing to ask about the weather');
  const first = await journal.request('GET', '/entries?limit=2');
  test.match(first.body.items, [{ title: 'Three' }, { title: 'Two' }]);
  const second = await journal.request('GET', `/entries?limit=2&cursor=${first.body.nextCursor}`);
  test.match(second.body, { items: [{ title: 'One' }], nextCursor: null });
  const [{ id }] = second.body.items;
  test.equal((await journal.request('DELETE', `/entries/${id}`)).status, 204);
  test.equal((await journal.request('DELETE', `/entries/${id}`)).status, 404);
  test.match(journal.audited, [{ action: 'photo-journal.entry-deleted', target: id }]);
  test.same((await journal.request('GET', '/stats')).body, { entries: 2, everAdded: 3 });
});

t.test('other plugins may patch an entry or refuse it', async (test) => {
  const patched = createHarness(plugin, { hooks: { 'photo-journal.before-entry': () => ({ patch: { words: 7 } }) } });
  test.match((await patched.request('POST', '/entries', { body: { title: 'x' } })).body, { words: 7 });
  const refused = createHarness(plugin, { hooks: { 'photo-journal.before-entry': () => ({ refuse: { code: 'RUDE', message: 'Not like that.' } }) } });
  test.match(await refused.request('POST', '/entries', { body: { title: 'x' } }), { status: 409, body: { error: 'RUDE' } });
  test.same([refused.events.length, (await refused.request('GET', '/stats')).body], [0, { entries: 0, everAdded: 0 }]);
});
