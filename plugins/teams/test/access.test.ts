import t from 'tap';
import { absentId, audits, bench, nobody, otherTenant, owner, team, told, viewer } from './support.ts';

const routes: [method: string, path: string, permission: string | null, body?: object][] = [
  ['GET', '', null],
  ['PUT', '/update', 'teams:manage', { name: 'x' }],
  ['DELETE', '', 'teams:delete'],
  ['GET', '/members', null],
  ['PUT', `/members/${owner}/role`, 'teams:manage-members', { role: 'viewer' }],
  ['DELETE', `/members/${owner}`, 'teams:manage-members'],
  ['POST', '/invite', 'teams:manage-members', { email: 'x@example.com' }],
  ['GET', '/invitations', 'teams:manage-members'],
  ['POST', `/invitations/${absentId}/resend`, 'teams:manage-members'],
  ['DELETE', `/invitations/${absentId}`, 'teams:manage-members'],
  ['GET', '/settings', null],
  ['PUT', '/settings', 'teams:manage', { locale: 'pt' }],
  ['GET', '/billing', 'teams:manage-billing'],
  ['POST', '/billing', 'teams:manage-billing', { name: 'x', email: 'x@example.com' }],
  ['GET', '/usage', null],
];

t.test('who may not ask gets nothing, and nothing happens', async (test) => {
  const b = bench();
  for (const [method, path, permission, body] of routes) {
    const ask = (as: object) => b.h.request(method, `/api/teams/${team}${path}`, { as, body });
    test.equal((await ask(nobody)).status, 401, `nobody ${method} ${path}`);
    test.match(await ask(otherTenant), { status: 404, body: { error: 'NOT_FOUND' } }, `another tenant ${method} ${path}`);
    if (permission !== null) test.match(await ask(viewer), { status: 403, body: { details: { permission } } }, `viewer ${method} ${path}`);
    test.match(await b.h.request(method, `/api/teams/${team}${path}`, { body, headers: { 'x-team-id': absentId } }), { status: 400 }, `two teams named ${method} ${path}`);
  }
  test.same([told(b), audits(b), b.h.jobs, b.kernel.mails], [[], [], [], []]);
  for (const [method, path, permission] of routes) if (permission === null) test.equal((await b.h.request(method, `/api/teams/${team}${path}`, { as: viewer })).status, 200, `viewer ${method} ${path}`);
});

t.test('without the operator’s grants the kernel is out of reach', async (test) => {
  const b = bench({ granted: ['jobs', 'events:emit:teams.*'] });
  test.match(await b.h.request('GET', `/api/teams/${team}`), { status: 403, body: { details: { capability: 'kernel:identity' } } });
});

t.test('what concerns a person beyond one team is not for keys', async (test) => {
  const b = bench();
  const key = { kind: 'api-key' } as const;
  test.equal((await b.h.request('GET', '/api/teams', { as: key })).status, 403);
  test.equal((await b.h.request('POST', '/api/teams/create', { as: key, body: { name: 'x' } })).status, 403);
  test.equal((await b.h.request('GET', '/api/teams', { as: nobody })).status, 401);
  test.same(told(b), []);
});
