import { createHash } from 'node:crypto';
import t from 'tap';
import { admin, audits, bench, owner, team, told, viewer } from './support.ts';

t.test('making, renaming and deleting a team', async (test) => {
  const b = bench();
  for (const body of [{}, { name: '' }, { name: 'x'.repeat(101) }, { name: 'x', id: team }]) test.equal((await b.h.request('POST', '/api/teams/create', { body })).status, 400);
  test.same(b.kernel.created, []);
  const made = await b.h.request('POST', '/api/teams/create', { body: { name: 'Other' } });
  test.match(made, { status: 201, body: { name: 'Other' }, headers: { location: `/api/teams/${made.body.id}` } });
  test.same(b.kernel.emitted, [{ name: 'teams.created', payload: { teamId: made.body.id, name: 'Other', ownerId: owner } }], 'and no others');
  test.match((await b.h.request('PUT', `/api/teams/${team}/update`, { body: { name: 'New' } })).body, { id: team, name: 'New' });
  test.match(b.kernel.emitted.at(-1), { name: 'teams.settings-updated', payload: { teamId: team, changed: ['name'] } });
  test.equal((await b.h.request('DELETE', `/api/teams/${team}`)).status, 204);
  test.same(b.kernel.emitted.at(-1), { name: 'teams.deleted', payload: { teamId: team } });
  test.same(told(b), ['teams.created', 'teams.settings-updated', 'teams.deleted'], 'and no others');
  test.same(audits(b), [], 'the kernel writes what it changes into the log');
});

t.test('what a team held goes with it', async (test) => {
  const b = bench();
  await b.h.request('POST', `/api/teams/${team}/invite`, { body: { email: 'a@example.com' } });
  await b.h.request('PUT', `/api/teams/${team}/settings`, { body: { locale: 'pt' } });
  await b.h.request('POST', `/api/teams/${team}/billing`, { body: { name: 'A', email: 'a@example.com' } });
  const counts = () => Promise.all(['invitations', 'settings', 'billing'].map((name) => b.h.db(name, 'count', [{}])));
  test.same(await counts(), [1, 1, 1]);
  test.same(await b.h.emit({ name: 'teams.deleted', payload: { teamId: team } }), ['team-deleted']);
  test.same(await counts(), [0, 0, 0]);
});

t.test('members: listed, given roles, taken out', async (test) => {
  const b = bench();
  const base = `/api/teams/${team}/members`;
  test.match((await b.h.request('GET', `${base}?search=a&limit=2`)).body.items, [{ id: owner, role: 'owner' }, { id: admin.userId }]);
  for (const query of ['limit=0', 'limit=101', 'search=', 'role=A B']) test.equal((await b.h.request('GET', `${base}?${query}`)).status, 400, query);
  test.match(await b.h.request('PUT', `${base}/${viewer.userId}/role`, { as: admin, body: { role: 'member' } }), { status: 200, body: { id: viewer.userId, role: 'member' } });
  test.same(b.kernel.emitted, [{ name: 'teams.role-changed', payload: { teamId: team, userId: viewer.userId, before: 'viewer', after: 'member', changedBy: admin.userId } }], 'and no others');
  test.equal((await b.h.request('PUT', `${base}/${team}/role`, { body: { role: 'member' } })).status, 404);
  test.equal((await b.h.request('DELETE', `${base}/${admin.userId}`, { as: viewer })).status, 403);
  test.equal((await b.h.request('DELETE', `${base}/${viewer.userId}`, { as: { ...viewer, kind: 'api-key' } })).status, 403, 'a key does not leave for its user');
  test.equal((await b.h.request('DELETE', `${base}/${viewer.userId}`, { as: viewer })).status, 204, 'leaves');
  test.same(b.kernel.emitted.at(-1)?.payload, { teamId: team, userId: viewer.userId, removedBy: null });
  test.equal((await b.h.request('DELETE', `${base}/${admin.userId}`)).status, 204);
  test.same(b.kernel.emitted.at(-1)?.payload, { teamId: team, userId: admin.userId, removedBy: owner });
  test.equal((await b.h.request('DELETE', `${base}/${admin.userId}`)).status, 404);
  test.equal(b.kernel.emitted.length, 3);
});

t.test('settings have defaults, and only what changes is told', async (test) => {
  const b = bench();
  const path = `/api/teams/${team}/settings`;
  const defaults = { teamId: team, name: 'Crew', description: '', timeZone: 'Etc/UTC', locale: 'en', defaultRole: 'member', allowedEmailDomains: [] };
  test.same((await b.h.request('GET', path)).body, defaults);
  const bad = [{}, { timeZone: 'Moon/Base' }, { timeZone: '../x' }, { locale: 'English' }, { defaultRole: 'owner' }, { allowedEmailDomains: ['@x'] }, { allowedEmailDomains: ['X.example'] }, { requireSecondFactor: true }];
  for (const body of bad) test.equal((await b.h.request('PUT', path, { body })).status, 400, JSON.stringify(body));
  test.same([told(b), audits(b)], [[], []]);
  test.match((await b.h.request('PUT', path, { body: { timeZone: 'Europe/Lisbon', locale: 'en', allowedEmailDomains: ['proof.example'] } })).body, { timeZone: 'Europe/Lisbon', allowedEmailDomains: ['proof.example'] });
  test.match(b.h.events, [{ name: 'teams.settings-updated', payload: { teamId: team, changed: ['allowedEmailDomains', 'timeZone'] } }], 'the locale was so before');
  await b.h.request('PUT', path, { body: { timeZone: 'Europe/Lisbon' } });
  test.equal(b.h.events.length, 1);
  test.match((await b.h.request('PUT', path, { body: { name: 'New', description: 'Scans' } })).body, { name: 'New', description: 'Scans', timeZone: 'Europe/Lisbon' });
  test.same(told(b), ['teams.settings-updated', 'teams.settings-updated', 'teams.settings-updated']);
  test.same(b.h.audited.map(({ action, details }) => [action, details.changed]), [['teams.settings-updated', ['allowedEmailDomains', 'timeZone']], ['teams.settings-updated', ['description']]], 'and no others');
  test.match(await b.h.serve('teams.directory', 'settings', {}), { name: 'New', timeZone: 'Europe/Lisbon' });
});

t.test('the billing contact', async (test) => {
  const b = bench();
  const path = `/api/teams/${team}/billing`;
  test.same((await b.h.request('GET', path)).body, { teamId: team, contact: null, updatedAt: null });
  const contact = { name: 'Ann Owner', email: 'ann@example.com', address: { line1: 'Street 1', city: 'Lisbon', country: 'PT' } };
  for (const body of [{}, { ...contact, email: 'x' }, { ...contact, name: 'a\nb' }, { ...contact, address: { line1: 'x', city: 'y\u2028', country: 'PT' } }, { ...contact, iban: 'x' }]) test.equal((await b.h.request('POST', path, { body })).status, 400);
  test.same([told(b), audits(b)], [[], []]);
  test.match(await b.h.request('POST', path, { as: admin, body: contact }), { status: 200, body: { contact } });
  test.match((await b.h.request('POST', path, { body: { name: 'Ben', email: 'ben@example.com' } })).body.contact, { name: 'Ben' });
  test.same((await b.h.request('GET', path)).body.contact, { name: 'Ben', email: 'ben@example.com' }, 'it replaces the one before');
  test.same(told(b), ['teams.billing-contact-updated', 'teams.billing-contact-updated'], 'and no others');
  test.same(b.h.audited.map(({ action, details }) => [action, details]), [['teams.billing-contact-updated', {}], ['teams.billing-contact-updated', {}]]);
  await test.rejects(b.h.serve('teams.directory', 'billingContact', {}, { as: viewer }), { code: 'FORBIDDEN' });
  test.match(await b.h.serve('teams.directory', 'billingContact', {}, { as: { kind: 'system', userId: null } }), { name: 'Ben' });
});

t.test('who is erased leaves no trace, and others keep theirs', async (test) => {
  const b = bench();
  const invite = (email: string, as = admin) => b.h.request('POST', `/api/teams/${team}/invite`, { as, body: { email } });
  await invite('Gone@example.com');
  await invite('stays@example.com');
  await invite('by-owner@example.com', { userId: owner, role: 'owner' });
  await b.h.request('POST', `/api/teams/${team}/billing`, { body: { name: 'Gone', email: 'gone@example.com' } });
  const erased = (userId: string, email: string, teamGone = false) => b.h.emit({ name: 'users.erased', payload: { userId, emailSha256: createHash('sha256').update(email).digest('hex'), teamGone } });
  const left = async () => ((await b.h.db('invitations', 'find', [{}])) as { items: { email: string }[] }).items.map(({ email }) => email);
  await erased(viewer.userId as string, 'gone@example.com');
  await erased(viewer.userId as string, 'gone@example.com');
  test.same(await left(), ['stays@example.com', 'by-owner@example.com']);
  test.equal(await b.h.db('billing', 'count', [{}]), 0);
  await erased(owner, 'other@example.com');
  test.same(await left(), ['stays@example.com']);
  await erased(admin.userId as string, 'admin@example.com', true);
  test.same(await left(), []);
});
