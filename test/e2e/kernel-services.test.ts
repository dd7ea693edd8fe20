import t from 'tap';
import { plugins, type PluginEntry } from '../../config/plugins.ts';
import { send, testServer, type TestUser } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';

const steward = (grants: string[]): PluginEntry => ({ package: new URL('./plugins/steward.ts', import.meta.url).href, runtime: 'in-process', prefixes: ['/api/steward'], grants, everyTenant: true });
const operator = { email: 'operator@example.com', password: 'Lighthouse-tangerine-42' };
const env = { OPERATOR_EMAIL: operator.email, OPERATOR_PASSWORD: operator.password };

const ask = (user: TestUser, userId: string) => user.send('POST', '/api/steward/ask', { userId });

t.test('without the operator’s grant the kernel’s services are refused by name', async (t) => {
  const server = await testServer(t, { entries: [steward([])] });
  const user = await server.register();
  t.match((await ask(user, user.id)).body, {
    user: { code: 'FORBIDDEN', details: { capability: 'kernel:identity' } },
    members: { code: 'FORBIDDEN', details: { capability: 'kernel:identity' } },
    status: { code: 'FORBIDDEN', details: { capability: 'kernel:operations' } },
    maintenance: { code: 'FORBIDDEN', details: { capability: 'kernel:operations' } },
  });
});

t.test('with it they answer for the call’s tenant and principal only', async (t) => {
  const server = await testServer(t, { entries: [...plugins, steward(['kernel:identity', 'kernel:operations'])], env });
  const [user, stranger] = [await server.register(), await server.register()];
  const answers = (await ask(user, user.id)).body;
  t.match(answers.user.answered, { id: user.id, email: user.email });
  t.match(answers.members.answered, { items: [{ userId: user.id, role: 'owner' }], nextCursor: null });
  t.equal(answers.members.answered.items.length, 1);
  t.match(answers, { status: { code: 'FORBIDDEN' }, maintenance: { code: 'FORBIDDEN' } }, 'operations are for operators, whatever the plugin may do');
  t.equal((await ask(user, stranger.id)).body.user.answered, null, 'people of other tenants do not exist');
});

t.test('maintenance mode refuses everybody but operators, tells sockets, and ends', async (t) => {
  const server = await testServer(t, { entries: plugins, env });
  const user = await server.register();
  const { body: login } = await send(server.url, 'POST', '/api/auth/login', operator);
  const asOperator = (body: unknown) => send(server.url, 'PUT', '/api/maintenance', body, { authorization: `Bearer ${login.accessToken}` });
  t.equal((await user.send('PUT', '/api/maintenance', { on: true })).status, 403);
  t.match(await asOperator({ on: true, until: 'tomorrow' }), { status: 400, body: { details: { field: 'body.until' } } });

  const socket = await openSocket(server.url, user.accessToken);
  t.teardown(() => socket.close());
  t.equal((await asOperator({ on: true, message: 'New disks.' })).status, 200);
  t.match(await socket.next('system:maintenance'), { on: true, message: 'New disks.' });
  const refused = await user.send('GET', '/api/plugins/installed');
  t.match(refused, { status: 503, body: { error: 'UNAVAILABLE', message: 'New disks.', retryAfter: Number } });
  t.equal((await send(server.url, 'GET', '/health/live')).status, 200);
  t.match(await send(server.url, 'GET', '/api/maintenance'), { status: 200, body: { on: true } });
  t.equal((await asOperator({ on: false })).status, 200);
  t.equal((await user.send('GET', '/api/plugins/installed')).status, 200);
});
