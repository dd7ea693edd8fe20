import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { until } from '../support/messaging.ts';
import { testServer, type TestUser } from '../support/server.ts';
import { notes, offerNotes } from './fixtures/packages.ts';

/** Two tenants run two versions of one plugin on one server, each with its own behaviour, schema and data. */

const server = await testServer(t, { entries: plugins });
const [ada, bob] = [await server.register('ada'), await server.register('bob')];
await offerNotes(ada);
await offerNotes(bob);

const install = (user: TestUser, { version, capabilities }: { version: string; capabilities: string[] }) => user.send('POST', '/api/plugins/install', { pluginId: notes.id, version, grants: capabilities });
const versionFor = async (user: TestUser): Promise<string> => (await user.send('GET', '/api/x/notes/version')).body.version as string;
const textsOf = async (user: TestUser): Promise<string[]> => (await user.send('GET', '/api/x/notes/notes')).body.items.map((note: { text: string }) => note.text);

/** Which version ran a job that the tenant's plugin sent. */
async function jobVersion(user: TestUser): Promise<string> {
  const { id } = (await user.send('POST', '/api/x/notes/work')).body;
  let status: { state?: string; result?: { version: string } } = {};
  await until(async () => {
    status = (await user.send('GET', `/api/x/notes/work/${id}`)).body;
    return status.state === 'completed';
  }, 20_000);
  return status.result?.version ?? 'none';
}

t.test('each tenant sees the version it installed', async (t) => {
  const [first, second] = await Promise.all([install(ada, notes.first), install(bob, notes.second)]);
  t.match([first, second], [{ status: 201, body: { version: '1.0.0' } }, { status: 201, body: { version: '1.1.0' } }]);
  t.strictSame([await versionFor(ada), await versionFor(bob)], ['1.0.0', '1.1.0']);
  t.strictSame(await Promise.all([jobVersion(ada), jobVersion(bob)]), ['1.0.0', '1.1.0'], 'jobs run in their tenant’s version');
});

t.test('each writes by its own version’s schema and reads its own data', async (t) => {
  t.match(await ada.send('POST', '/api/x/notes/notes', { text: 'a', stars: 1 }), { status: 400, body: { error: 'VALIDATION_ERROR' } }, 'the first version knows no stars');
  t.match(await ada.send('POST', '/api/x/notes/notes', { text: 'ada’s' }), { status: 201 });
  t.match(await bob.send('POST', '/api/x/notes/notes', { text: 'bob’s', stars: 5 }), { status: 201, body: { stars: 5 } });
  t.match(await bob.send('POST', '/api/x/notes/notes', { text: 'b', stars: 9 }), { status: 400, body: { error: 'VALIDATION_ERROR' } });
  t.strictSame([await textsOf(ada), await textsOf(bob)], [['ada’s'], ['bob’s']]);
});

t.test('each is described by its own version', async (t) => {
  const fieldsOf = async (user: TestUser): Promise<string> => JSON.stringify((await user.send('GET', '/openapi.json')).body.paths['/api/x/notes/notes'].post);
  t.notMatch(await fieldsOf(ada), /stars/);
  t.match(await fieldsOf(bob), /stars/);
});

t.test('requests of both at once never meet the other’s version', async (t) => {
  const answers = await Promise.all(Array.from({ length: 60 }, (_, at) => versionFor(at % 2 === 0 ? ada : bob)));
  t.strictSame(answers, answers.map((_, at) => (at % 2 === 0 ? '1.0.0' : '1.1.0')));
});

t.test('they trade versions, each with its data, while the other keeps running', async (t) => {
  t.match(await install(ada, notes.second), { status: 201, body: { version: '1.1.0' } });
  t.strictSame([await versionFor(ada), await versionFor(bob)], ['1.1.0', '1.1.0']);
  t.match(await install(bob, notes.first), { status: 201, body: { version: '1.0.0' } }, 'a version whose last tenant has just left starts again');
  t.strictSame([await versionFor(ada), await versionFor(bob)], ['1.1.0', '1.0.0']);
  t.match(await ada.send('POST', '/api/x/notes/notes', { text: 'more', stars: 2 }), { status: 201, body: { stars: 2 } });
  t.strictSame([await textsOf(ada), await textsOf(bob)], [['ada’s', 'more'], ['bob’s']]);
  t.strictSame(await Promise.all([jobVersion(ada), jobVersion(bob)]), ['1.1.0', '1.0.0']);
});

t.test('one tenant’s uninstall and purge is nothing to the other', async (t) => {
  t.match(await ada.send('DELETE', '/api/plugins/notes/uninstall?data=purge'), { status: 200 });
  t.match(await ada.send('GET', '/api/x/notes/version'), { status: 404 });
  t.strictSame([await versionFor(bob), await textsOf(bob)], ['1.0.0', ['bob’s']]);
  t.match(await bob.send('POST', '/api/plugins/notes/rollback'), { status: 200, body: { version: '1.1.0' } });
  t.match((await bob.send('GET', '/api/x/notes/notes')).body.items, [{ text: 'bob’s', stars: 5 }], 'what the newer version wrote was kept');
});
