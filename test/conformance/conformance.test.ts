import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import type { PluginEntry } from '../../config/plugins.ts';
import { openDatabase } from '../../kernel/database/index.ts';
import { statement } from '../../kernel/database/statement.ts';
import { quietLog, testMasterKey } from '../support/database.ts';
import { testServer, type TestServer, type TestUser } from '../support/server.ts';
import { until } from '../support/messaging.ts';
import { allowed, denied } from './scenarios.ts';

const egressPort = 18_973;
const runtimes = ['in-process', 'sandboxed'] as const;

const entry = (name: string, runtime: PluginEntry['runtime']): PluginEntry => ({ package: new URL(`./plugins/${name}.ts`, import.meta.url).href, runtime, prefixes: [`/api/${name}`], grants: [], everyTenant: true });

/** A receiver on loopback: reachable only because the operator's list has it. */
const receiver = createServer((request, response) => {
  if (request.url === '/redirect') return void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  if (request.url === '/large') return void response.end('x'.repeat(5000));
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify({ body, key: request.headers['x-key'] })));
});
receiver.listen(egressPort, '127.0.0.1');
await once(receiver, 'listening');
t.teardown(() => receiver.close());

interface Side {
  server: TestServer;
  user: TestUser;
}

const sides = {} as Record<(typeof runtimes)[number], Side>;
for (const runtime of runtimes) {
  const server = await testServer(t, { entries: [entry('conformance', runtime), entry('bystander', runtime)], env: { EGRESS_ALLOW: `127.0.0.1:${egressPort}` } });
  sides[runtime] = { server, user: await server.register() };
}

async function run(runtime: (typeof runtimes)[number], scenario: string, arg?: string) {
  return sides[runtime].user.send('POST', `/api/conformance/${scenario}`, arg === undefined ? {} : { arg });
}

t.test('a capability that was not granted is refused by name, in both runtimes alike', async (t) => {
  for (const capability of Object.keys(denied)) {
    const answers = [];
    for (const runtime of runtimes) answers.push((await sides[runtime].user.send('POST', '/api/bystander/denied', { capability })).body);
    t.match(answers[0], { code: 'FORBIDDEN', kind: 'forbidden', details: { capability }, leaks: false }, capability);
    t.strictSame(answers[1], answers[0], `${capability} sandboxed`);
  }
});

t.test('a principal without the permission, or without credentials, reaches no handler', async (t) => {
  for (const runtime of runtimes) {
    const { server } = sides[runtime];
    const anonymous = await fetch(`${server.url}/api/conformance/db`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    t.equal(anonymous.status, 401);
  }
});

/** Scenarios whose answer needs no order and no waiting. */
const single = ['db', 'dbRefusals', 'transaction', 'sql', 'kv', 'files', 'events', 'hooks', 'realtime', 'services', 'secrets', 'vault', 'auth', 'platform', 'ownError', 'notJson', 'crash'];

const expectedFile = new URL('./expected.json', import.meta.url);
const isUpdate = process.env['UPDATE_EXPECTED'] === '1';
const expected = isUpdate ? {} : (JSON.parse(readFileSync(expectedFile, 'utf8')) as Record<string, unknown>);
const given: Record<string, unknown> = {};
if (isUpdate) t.teardown(() => writeFileSync(expectedFile, `${JSON.stringify(given, null, 2)}\n`));

for (const scenario of single) {
  t.test(`${scenario} answers the same in both runtimes`, async (t) => {
    const inProcess = await run('in-process', scenario);
    const sandboxed = await run('sandboxed', scenario);
    const stable = ({ status, body }: typeof inProcess) => ({ status, body: body !== null && typeof body === 'object' ? { ...body, requestId: undefined } : body });
    t.strictSame(stable(sandboxed), stable(inProcess));
    given[scenario] = JSON.parse(JSON.stringify(stable(inProcess))) as unknown;
    if (!isUpdate) t.strictSame(given[scenario], expected[scenario], 'refresh expected.json with UPDATE_EXPECTED=1 after reading the difference');
  });
}

t.test('fetch reaches what is granted and allowed, and nothing else', async (t) => {
  const answers = [];
  for (const runtime of runtimes) answers.push((await run(runtime, 'fetch', `http://127.0.0.1:${egressPort}`)).body);
  t.match(answers[0], {
    status: 200,
    body: { body: 'ping', key: 's3cret' },
    large: { code: 'EGRESS_TOO_LARGE' },
    redirect: 302,
    toPrivate: { code: 'FORBIDDEN' },
    ungranted: { code: 'FORBIDDEN', details: { capability: 'net:GET https://example.org/' } },
    literal: { code: 'FORBIDDEN' },
  });
  t.strictSame(answers[1], answers[0]);
});

t.test('a job is retried, reports progress and leaves its result', async (t) => {
  for (const runtime of runtimes) {
    const { body } = await run(runtime, 'jobs');
    t.match(body, { unknown: { code: 'NOT_FOUND' }, invalid: { code: 'VALIDATION_ERROR' }, outside: { code: 'VALIDATION_ERROR' } });
    let status: Record<string, unknown> = {};
    await until(async () => {
      status = (await run(runtime, 'jobStatus', body.id)).body;
      return status['state'] === 'completed';
    });
    t.match(status, { state: 'completed', attempt: 2, result: { doubled: 40, attempt: 2 }, error: null }, runtime);
  }
});

t.test('events of committed transactions are heard, those of rolled-back ones are not', async (t) => {
  for (const runtime of runtimes) {
    let heard: unknown;
    await until(async () => {
      heard = (await run(runtime, 'heard')).body;
      return (heard as string[]).length === 2;
    });
    t.strictSame(heard, ['kept', 'outside'], runtime);
  }
});

t.test('audit entries of committed transactions are in the chain, in order, those of rolled-back ones are not', async (t) => {
  for (const runtime of runtimes) {
    const { server } = sides[runtime];
    const database = await openDatabase({ url: server.databaseUrl, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
    const rows = await database.system((em) => statement<{ action: string; target: string | null }>(em, `select action, target from kernel.audit_entries where action like 'conformance.%' order by sequence`));
    await database.close();
    t.strictSame(rows.map(({ action, target }) => [action, target]), [['conformance.kept', 'kept'], ['conformance.kept-twice', null], ['conformance.looked', 'thing']], runtime);
  }
});

t.test('an upload is stored as it arrives, and as far as it arrived when the client breaks off', async (t) => {
  for (const runtime of runtimes) {
    const { server, user } = sides[runtime];
    const headers = { authorization: `Bearer ${user.accessToken}`, 'content-type': 'application/offset+octet-stream' };
    const at = (name: string, init: RequestInit = {}): Promise<Response> => fetch(`${server.url}/api/conformance/uploads/${name}`, { headers, ...init });
    t.equal((await at('large', { method: 'PUT', body: new Uint8Array(1_000_001) })).status, 413, runtime);
    t.equal((await at('large')).status, 404);
    const whole = await at('whole', { method: 'PUT', body: new Uint8Array(500_000).fill(1) });
    t.match([whole.status, whole.headers.get('upload-offset')], [204, '500000']);
    const head = await at('whole', { method: 'HEAD' });
    t.match([head.status, head.headers.get('upload-offset'), head.headers.get('x-conformance-complete')], [200, '500000', 'true']);

    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end(`PUT /api/conformance/uploads/half HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers.authorization}\r\nContent-Length: 900000\r\n\r\n${'h'.repeat(300_000)}`);
    let half = new Response();
    await until(async () => {
      half = await at('half');
      return half.status === 200;
    });
    t.equal(half.headers.get('x-conformance-complete'), 'false');
    t.equal(await half.text(), 'h'.repeat(Number(half.headers.get('upload-offset'))));
  }
});

t.test('every scenario is run by this suite', async (t) => {
  t.strictSame(Object.keys(allowed).toSorted(), [...single, 'fetch', 'heard', 'jobs', 'jobStatus'].toSorted());
});
