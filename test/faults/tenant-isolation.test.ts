import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { send, testServer, type TestReply, type TestUser } from '../support/server.ts';
import { enter, TestSocket } from '../support/sockets.ts';
import { notes, offerNotes } from '../e2e/fixtures/packages.ts';
import { until } from '../support/messaging.ts';

/**
 * Two tenants on one server. Another tenant's id is answered exactly as an id that never was, so
 * that nobody learns even that it exists.
 */

const probe = { package: new URL('./isolation-probe.ts', import.meta.url).href, runtime: 'sandboxed', prefixes: ['/api/probe'], grants: [], everyTenant: true } as const;
const server = await testServer(t, { entries: [...plugins, probe] });
const [ada, eve] = [await server.register('ada'), await server.register('eve')];
const tenantOf = async (user: TestUser): Promise<string> => (await user.send('GET', '/api/auth/me')).body.tenantId as string;
const [adasTenant, evesTenant] = [await tenantOf(ada), await tenantOf(eve)];
/** No tenant, file, job or plugin has it. */
const nobodys = '0199a000-0000-7000-8000-000000000001';

const sameBut = ({ status, body }: TestReply, id: string): unknown => JSON.parse(JSON.stringify({ status, body: { ...(body as object), requestId: null } }).replaceAll(id, 'ID'));

async function upload(user: TestUser, text: string): Promise<{ id: string }> {
  const form = new FormData();
  form.append('file', new Blob([text], { type: 'text/plain' }), 'secret.txt');
  form.append('options', JSON.stringify({ processImmediately: false }));
  const { status, body } = await user.send('POST', '/api/files/upload', form);
  if (status !== 201) throw new Error(`upload answered ${status}`);
  return body as { id: string };
}

t.not(adasTenant, evesTenant);

t.test('a file of another tenant is one that never was, by every route', async (t) => {
  const { id } = await upload(ada, 'ada’s');
  for (const [method, rest] of [['GET', ''], ['GET', '/download'], ['GET', '/status'], ['GET', '/results'], ['HEAD', '/download'], ['POST', '/process'], ['POST', '/reprocess'], ['POST', '/restore'], ['GET', '/shares'], ['DELETE', ''], ['DELETE', '?permanent=true']] as const) {
    const [foreign, none] = [await eve.send(method, `/api/files/${id}${rest}`), await eve.send(method, `/api/files/${nobodys}${rest}`)];
    t.equal(foreign.status, 404, `${method} ${rest}`);
    t.strictSame(sameBut(foreign, id), sameBut(none, nobodys), `${method} ${rest} tells nothing`);
  }
  t.match(await ada.send('GET', `/api/files/${id}`), { status: 200, body: { status: 'queued' } }, 'and nothing happened to it');
  // The same content in two tenants is two files: deleting one leaves the other.
  const twin = await upload(eve, 'ada’s');
  t.not(twin.id, id);
  t.match(await eve.send('DELETE', `/api/files/${twin.id}?permanent=true`), { status: 204 });
  t.match(await ada.send('GET', `/api/files/${id}/download`), { status: 200, body: 'ada’s' });
});

t.test('a private plugin of another tenant is one that never was', async (t) => {
  await offerNotes(ada);
  t.match(await ada.send('POST', '/api/plugins/install', { pluginId: notes.id, version: '1.0.0', grants: notes.first.capabilities }), { status: 201 });
  const { id: job } = (await ada.send('POST', '/api/x/notes/work')).body;
  const asks: [method: string, path: (id: string) => string, body?: (id: string) => unknown][] = [
    ['GET', (id) => `/api/x/${id}/notes`],
    ['GET', (id) => `/api/x/${id}/work/${job}`],
    ['POST', () => '/api/plugins/plan', (pluginId) => ({ pluginId })],
    ['POST', () => '/api/plugins/install', (pluginId) => ({ pluginId, grants: ['jobs'] })],
    ['GET', (id) => `/api/plugins/${id}/config`],
    ['PUT', (id) => `/api/plugins/${id}/config`, () => ({ config: {} })],
    ['PUT', (id) => `/api/plugins/${id}/enable`, () => ({ enabled: false })],
    ['POST', (id) => `/api/plugins/${id}/rollback`],
    ['DELETE', (id) => `/api/plugins/${id}/uninstall?data=purge`],
  ];
  for (const [method, path, body] of asks) {
    const [foreign, none] = [await eve.send(method, path('notes'), body?.('notes')), await eve.send(method, path('nowhere'), body?.('nowhere'))];
    t.strictSame(sameBut(foreign, 'notes'), sameBut(none, 'nowhere'), `${method} ${path('notes')}: ${foreign.status}`);
  }
  t.strictSame((await eve.send('GET', '/api/plugins/available')).body.items.filter((one: { id: string }) => one.id === 'notes'), []);
  t.match(await ada.send('GET', '/api/x/notes/version'), { status: 200 }, 'and nothing happened to it');

  await offerNotes(eve);
  t.match(await eve.send('POST', '/api/plugins/install', { pluginId: notes.id, version: '1.0.0', grants: notes.first.capabilities }), { status: 201 });
  t.match(await eve.send('GET', `/api/x/notes/work/${job}`), { status: 404 }, 'one plugin in both: still not the other’s job');
  t.match(await ada.send('GET', `/api/x/notes/work/${job}`), { status: 200 });
});

t.test('a team that one is no member of opens nothing, and is as good as none', async (t) => {
  for (const path of ['/api/plugins/installed', '/api/probe/notes', `/api/files/${nobodys}`, '/api/x/notes/notes', '/openapi.json']) {
    const [foreign, none] = [await eve.send('GET', path, undefined, { 'x-team-id': adasTenant }), await eve.send('GET', path, undefined, { 'x-team-id': nobodys })];
    if (path !== '/openapi.json') t.ok(foreign.status === 401 || foreign.status === 403 || foreign.status === 404, `${path}: ${foreign.status}`);
    t.strictSame(sameBut(foreign, adasTenant), sameBut(none, nobodys), path);
  }
  t.match(await eve.send('GET', '/api/plugins/installed', undefined, { 'x-team-id': evesTenant }), { status: 200 }, 'one’s own is fine');
});

interface Seed {
  note: string;
  file: string;
  handle: string;
  job: string;
  cursor: string;
  link: string;
}
const seeds = { ada: (await ada.send('POST', '/api/probe/seed', { text: 'ada’s word' })).body as Seed, eve: (await eve.send('POST', '/api/probe/seed', { text: 'eve’s word' })).body as Seed };

t.test('a sandboxed plugin reaches nothing of another tenant by its ids, handles and cursors', async (t) => {
  const { link: _, ...ids } = seeds.ada;
  const { status, body } = await eve.send('POST', '/api/probe/reach', ids);
  t.equal(status, 200, JSON.stringify(body));
  const notFound = { code: 'NOT_FOUND' };
  t.match(body, {
    get: null,
    findOne: null,
    update: { answered: null },
    updateMany: 0,
    delete: false,
    // Ids are the tenant's own: taking one that another tenant has neither fails nor tells.
    insertSame: { answered: { text: 'in its place' } },
    sql: [],
    stat: [notFound, notFound],
    read: [notFound, notFound],
    keep: [notFound, notFound],
    share: notFound,
    deleteFile: notFound,
    jobStatus: null,
    jobCancel: false,
    word: 'eve’s word',
    secret: 'eve’s word',
  });
  t.notMatch(JSON.stringify(body), /ada’s/);
  const own = await ada.send('GET', '/api/probe/notes');
  t.strictSame(own.body.items.map((note: { text: string }) => note.text).toSorted(), ['ada’s word', 'ada’s word 2'], 'and nothing was written');
  const { link: __, ...adasIds } = seeds.ada;
  const mine = (await ada.send('POST', '/api/probe/reach', adasIds)).body;
  t.match(mine, { get: { text: 'ada’s word' }, jobStatus: { state: 'queued' }, jobCancel: true, stat: [{ answered: {} }, { answered: {} }] }, 'for its own tenant all of them work');
});

t.test('another tenant’s cursor over HTTP shows nothing of it', async (t) => {
  const { status, body } = await eve.send('GET', `/api/probe/notes?cursor=${encodeURIComponent(seeds.ada.cursor)}`);
  t.ok(status === 200 || status === 400, String(status));
  t.notMatch(JSON.stringify(body), /ada’s/);
});

t.test('a link leads into its own tenant, whoever follows it', async (t) => {
  for (const headers of [{}, { authorization: `Bearer ${eve.accessToken}` }, { authorization: `Bearer ${eve.accessToken}`, 'x-team-id': evesTenant }] as Record<string, string>[]) {
    t.match(await send(server.url, 'POST', `/api/probe/visits/${seeds.ada.link}`, undefined, headers), { status: 201, body: { word: 'ada’s word' } });
  }
  const [body, signature] = seeds.ada.link.split('.') as [string, string];
  const [, , expires] = JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown[];
  const forged = Buffer.from(JSON.stringify([evesTenant, 'the same in both', expires])).toString('base64url');
  t.match(await send(server.url, 'POST', `/api/probe/visits/${forged}.${signature}`), { status: 404 });
  t.match(await send(server.url, 'POST', `/api/probe/visits/${body}.${seeds.eve.link.split('.')[1]}`), { status: 404 });
});

t.test('an idempotency key of another tenant repeats nothing', async (t) => {
  const headers = { 'idempotency-key': `key-${crypto.randomUUID()}` };
  const [adas, eves, again] = [await ada.send('POST', '/api/probe/notes', { text: 'once' }, headers), await eve.send('POST', '/api/probe/notes', { text: 'once' }, headers), await ada.send('POST', '/api/probe/notes', { text: 'once' }, headers)];
  t.match([adas, eves, again], [{ status: 201 }, { status: 201 }, { status: 201 }]);
  t.not(eves.body.id, adas.body.id, 'it was done for each');
  t.equal(again.body.id, adas.body.id, 'and repeated for the one that asked before');
  const visit = { 'idempotency-key': `key-${crypto.randomUUID()}` };
  const visits = [];
  for (const link of [seeds.ada.link, seeds.eve.link]) visits.push((await send(server.url, 'POST', `/api/probe/visits/${link}`, undefined, visit)).body.word);
  t.strictSame(visits, ['ada’s word', 'eve’s word'], 'also for links that name the same in both');
});

t.test('a socket hears nothing of another tenant, whatever it joins or resumes', async (t) => {
  const url = `${server.url.replace('http', 'ws')}/ws`;
  const socket = await enter(t, url, eve.accessToken, { lastId: '0' });
  const room = 'document:shared-by-name';
  socket.send('join', { room });
  await socket.next('join');
  const user = async (one: TestUser) => (await one.send('GET', '/api/auth/me')).body.id as string;
  const [adasId, evesId] = [await user(ada), await user(eve)];
  t.match(await ada.send('POST', '/api/probe/publish', { room, user: adasId, text: 'ada’s' }), { status: 200 });
  t.match(await ada.send('POST', '/api/probe/publish', { room, user: evesId, text: 'ada’s, at eve' }), { status: 200 });
  t.match(await eve.send('POST', '/api/probe/publish', { room, user: evesId, text: 'eve’s' }), { status: 200 });
  // What was said before has come before it, if it comes at all.
  await socket.next('probe:said', 3);
  t.strictSame(socket.of('probe:said').map(({ data }) => data['text']), ['eve’s', 'eve’s', 'eve’s']);
  t.notMatch(JSON.stringify(socket.frames), new RegExp(adasTenant));

  const later = await enter(t, url, eve.accessToken, { lastId: '0' });
  await until(() => later.of('probe:said').length >= 2 || later.of('resume-failed').length > 0);
  t.notMatch(JSON.stringify(later.frames), /ada’s/);

  const intruder = new TestSocket(t, url);
  await intruder.next('connection');
  intruder.send('authenticate', { token: eve.accessToken, teamId: adasTenant });
  t.match(await intruder.end(), { reason: /unauthenticated/ }, 'no socket in a foreign team');
  t.equal(intruder.of('authenticate').length, 0);

});
