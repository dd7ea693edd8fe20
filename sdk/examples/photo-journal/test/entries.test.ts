import t from 'tap';
import { createHarness } from '@proofpix/sdk/testing';
import plugin from '../plugin.ts';

const otherTenant = '018f0000-0000-7000-8000-0000000000ff';

t.test('nobody reads or writes without the permission, nor in another tenant', async (t) => {
  const journal = createHarness(plugin);
  const { body: entry } = await journal.request('POST', '/entries', { body: { title: 'Mine' } });
  for (const [method, path] of [['GET', '/entries'], ['GET', `/entries/${entry.id}`], ['GET', '/stats'], ['POST', '/entries'], ['DELETE', `/entries/${entry.id}`]] as const) {
    t.equal((await journal.request(method, path, { as: { userId: null }, body: { title: 'x' } })).status, 401, `${method} ${path}`);
    t.equal((await journal.request(method, path, { as: { role: null }, body: { title: 'x' } })).status, 403, `${method} ${path}`);
  }
  t.match(await journal.request('POST', '/entries', { as: { role: 'viewer' }, body: { title: 'x' } }), { status: 403, body: { details: { permission: 'photo-journal:write' } } });
  t.equal((await journal.request('GET', `/entries/${entry.id}`, { as: { tenantId: otherTenant } })).status, 404);
  t.equal((await journal.request('DELETE', `/entries/${entry.id}`, { as: { tenantId: otherTenant } })).status, 404);
  t.same((await journal.request('GET', '/entries', { as: { tenantId: otherTenant } })).body, { items: [], nextCursor: null });
  t.equal((await journal.request('GET', '/entries')).body.items.length, 1);
});

t.test('bad input is refused', async (t) => {
  const journal = createHarness(plugin);
  for (const body of [null, {}, { title: '' }, { title: 'x'.repeat(201) }, { title: 'x', extra: 1 }]) t.match(await journal.request('POST', '/entries', { body }), { status: 400, body: { error: 'VALIDATION_ERROR' } });
  t.equal((await journal.request('GET', '/entries?limit=0')).status, 400);
  t.equal((await journal.request('GET', '/entries?cursor=forged')).status, 400);
  t.equal((await journal.request('GET', '/entries/not-an-id')).status, 404);
  t.same([journal.events.length, journal.jobs.length, journal.published.length], [0, 0, 0]);
});

t.test('writes, lists in pages, and deletes', async (t) => {
  const journal = createHarness(plugin);
  for (const title of ['One', 'Two', 'Three']) {
    t.match(await journal.request('POST', '/entries', { body: { title } }), { status: 201, body: { title, note: '' } });
    journal.clock.advance(1000);
  }
  t.match(journal.events, [{ name: 'photo-journal.entry-added', payload: { title: 'One', fileId: null, place: null } }, {}, {}]);
  t.match(journal.published, [{ to: { tenant: true }, event: 'journal:entry-added' }, {}, {}]);
  t.equal(journal.jobs.length, 0, 'nothing to ask about the weather');
  const first = await journal.request('GET', '/entries?limit=2');
  t.match(first.body.items, [{ title: 'Three' }, { title: 'Two' }]);
  const second = await journal.request('GET', `/entries?limit=2&cursor=${first.body.nextCursor}`);
  t.match(second.body, { items: [{ title: 'One' }], nextCursor: null });
  const [{ id }] = second.body.items;
  t.equal((await journal.request('DELETE', `/entries/${id}`)).status, 204);
  t.equal((await journal.request('DELETE', `/entries/${id}`)).status, 404);
  t.match(journal.audited, [{ action: 'photo-journal.entry-deleted', target: id }]);
  t.same((await journal.request('GET', '/stats')).body, { entries: 2, everAdded: 3 });
});

t.test('other plugins may patch an entry or refuse it', async (t) => {
  const patched = createHarness(plugin, { hooks: { 'photo-journal.before-entry': () => ({ patch: { words: 7 } }) } });
  t.match((await patched.request('POST', '/entries', { body: { title: 'x' } })).body, { words: 7 });
  const refused = createHarness(plugin, { hooks: { 'photo-journal.before-entry': () => ({ refuse: { code: 'RUDE', message: 'Not like that.' } }) } });
  t.match(await refused.request('POST', '/entries', { body: { title: 'x' } }), { status: 409, body: { error: 'RUDE' } });
  t.same([refused.events.length, (await refused.request('GET', '/stats')).body], [0, { entries: 0, everAdded: 0 }]);
});
