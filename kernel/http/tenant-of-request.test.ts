import t from 'tap';
import type { RouteManifest } from '@proofpix/sdk';
import { memoryBackend, tenantA, tenantB } from './testing/fakes.ts';
import { startServer } from './testing/start.ts';

/* Which tenant a request runs in when its path or a link names one. In the fakes everybody may enter tenant A, and nobody another one than their own. */

const absent = '01900000-0000-7000-8000-0000000000ff';
const teamRoute: RouteManifest = { name: 'get', method: 'GET', path: '/api/notes/:teamId/all', access: 'tenant', tenantParam: 'teamId' };
const guestRoute: RouteManifest = { name: 'accept', method: 'POST', path: '/api/notes/invitations/:token/accept', access: 'user', tenantFrom: { in: 'params', name: 'token', purpose: 'invitation' } };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const backend = () => memoryBackend(({ scope }) => ({ json: { tenant: scope.tenantId, role: scope.identity?.role ?? null, identityTenant: scope.identity?.tenantId ?? null } }));

t.test('a path that names a tenant: who is no member learns nothing', async (test) => {
  const { server, enable } = await startServer(test);
  const plugin = backend();
  await enable([teamRoute], plugin, { tenants: [null, tenantA, tenantB] });
  const ask = async (teamId: string, headers: Record<string, string> = {}) => {
    const { statusCode, body } = await server.fastify.inject({ url: `/api/notes/${teamId}/all`, headers });
    const { requestId: _id, ...rest } = JSON.parse(body) as Record<string, unknown>;
    return { status: statusCode, body: rest };
  };

  test.equal((await ask(tenantA)).status, 401);
  test.equal((await ask(tenantA, bearer('forged'))).status, 401);
  const foreign = await ask(tenantB, bearer('a-1'));
  test.equal(foreign.status, 404);
  for (const none of [absent, 'nonsense', tenantB.toUpperCase(), '%00']) test.same(await ask(none, bearer('a-1')), foreign, `the same for ${none}`);
  test.match(await ask(tenantA, { ...bearer('a-1'), 'x-team-id': tenantB }), { status: 403 }, 'a header that the credentials refuse');
  test.match(await ask(tenantB, { ...bearer('b-1'), 'x-team-id': tenantA }), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'headers.x-team-id' } } });
  test.equal(plugin.calls.length, 0, 'nothing of that reached the plugin');

  const there = { tenant: tenantA, role: 'member', identityTenant: tenantA };
  test.same((await ask(tenantA, bearer('a-1'))).body, there);
  test.same((await ask(tenantA, bearer('b-1'))).body, there, 'out of another tenant');
  test.same((await ask(tenantA, bearer('no-1'))).body, there, 'out of none');
  test.same((await ask(tenantA.toUpperCase(), bearer('a-1'))).body, there);
  test.same((await ask(tenantA, { ...bearer('a-1'), 'x-team-id': tenantA })).body, there);
});

t.test('the version is that of the tenant named', async (test) => {
  const { server, enable } = await startServer(test);
  const [older, newer] = [backend(), backend()];
  await enable([{ ...teamRoute, name: 'old' }], older, { tenants: [null, tenantB] });
  await enable([teamRoute], newer, { tenants: [tenantA] });
  const ask = async (teamId: string, token: string) => (await server.fastify.inject({ url: `/api/notes/${teamId}/all`, headers: bearer(token) })).statusCode;
  test.equal(await ask(tenantA, 'b-1'), 200);
  test.same([older.calls.length, newer.calls.length], [0, 1]);
  test.equal(await ask(tenantB, 'b-1'), 200);
  test.same([older.calls.length, newer.calls.length], [1, 1]);
});

t.test('a plugin that is off in the one tenant may be on in the other', async (test) => {
  const { server, enable } = await startServer(test);
  const plugin = backend();
  await enable([teamRoute], plugin, { tenants: [null, tenantA] });
  const ask = async (teamId: string, token: string) => (await server.fastify.inject({ url: `/api/notes/${teamId}/all`, headers: bearer(token) })).statusCode;
  test.equal(await ask(tenantB, 'b-1'), 404, 'off where the path says');
  test.equal(plugin.calls.length, 0);
  test.equal(await ask(tenantA, 'b-1'), 200, 'on there, off where the caller is');
});

t.test('a signed-in user follows a link as a guest', async (test) => {
  const { server, directory, enable } = await startServer(test);
  const plugin = backend();
  await enable([guestRoute], plugin);
  directory.links.set('notes invitation good', { tenantId: tenantA, id: 'n1' });
  directory.links.set('notes invitation off', { tenantId: tenantB, id: 'n1' });
  const ask = async (token: string, headers: Record<string, string> = {}) => server.fastify.inject({ method: 'POST', url: `/api/notes/invitations/${token}/accept`, headers });
  test.equal((await ask('good')).statusCode, 401);
  test.equal((await ask('forged')).statusCode, 401, 'who asks comes before what the link says');
  test.equal((await ask('forged', bearer('a-1'))).statusCode, 404);
  test.equal((await ask('off', bearer('a-1'))).statusCode, 404);
  test.equal(plugin.calls.length, 0);
  for (const user of ['a-1', 'b-1', 'no-1']) test.same((await ask('good', bearer(user))).json(), { tenant: tenantA, role: null, identityTenant: tenantA }, `${user} has no role there`);
});
