import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Json } from '@proofpix/sdk';
import type { Usage } from './contract.ts';
import { invocation, recordingLog, recordingSession, target, type Recorded } from './fixtures/calls.ts';
import { platform } from './fixtures/platform.ts';
import { bundle, openSandbox } from './index.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { code } = await bundle(join(here, 'fixtures/echo.ts'));
const log = recordingLog();
const usages: Usage[] = [];
const sandbox = await openSandbox({ log, onUsage: (usage) => usages.push(usage) });
sandbox.load({ id: 'echo', version: '1.0.0', code });
t.teardown(() => sandbox.close());

const run = (method: string, input: Json = null, session: Recorded = recordingSession(), options: { tenantId?: string; timeoutMs?: number; idempotent?: boolean } = {}): Promise<Json> =>
  sandbox.invoke(target('echo', options.tenantId, { idempotent: options.idempotent ?? true }), invocation(`service:echo.run.${method}`, input, options), session);

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  if (!condition()) throw new Error('it did not happen within 5 s');
}

const usagesOf = (tenant: string): Usage[] => usages.filter(({ tenantId }) => tenantId === tenant);

t.test('what is not there is refused', async (t) => {
  await t.rejects(run('nothing'), { code: 'NOT_FOUND' });
  await t.rejects(sandbox.invoke(target('unknown'), invocation('job:x', null), recordingSession()), { code: 'UNAVAILABLE' });
  const gone = recordingSession();
  gone.abort();
  await t.rejects(run('echo', 1, gone), { code: 'UNAVAILABLE' });
});

t.test('JSON goes in and comes out as it is', async (t) => {
  for (const value of [null, true, -1.5, 'ü€😀\u2028\n"', [], {}, { a: [1, { b: null }] }, 'x'.repeat(200_000)]) t.strictSame(await run('echo', value), value);
});

t.test('an error of the plugin crosses by its code; any other is INTERNAL_SERVER_ERROR, and its stack is for the author', async (t) => {
  await t.rejects(run('refuse', { why: 1 }), { code: 'ECHO_REFUSED', kind: 'conflict', message: 'Refused, as asked.', details: { input: { why: 1 } } });
  await t.rejects(run('refuse', 'plain'), { code: 'INTERNAL_SERVER_ERROR', message: 'Something went wrong on our side.' });
  const line = log.lines.findLast(({ message }) => message === 'a plugin threw');
  t.match(line?.fields, { plugin: 'echo', tenant: 'tenant-a', stack: /an ordinary error\n.* at refuse \(plugin\.js:/ });
  t.notMatch(JSON.stringify(line), here);
});

t.test('host calls carry their arguments, and logs come with them', async (t) => {
  const session = recordingSession((name, args) => (name === 'kv.get' ? { stored: true } : (args[0] ?? null)));
  t.strictSame(await run('kv', { n: 1 }, session), { stored: true });
  t.strictSame(session.calls, [
    ['kv.set', ['a', { n: 1 }, {}]],
    ['kv.get', ['a']],
  ]);
  t.strictSame(session.notes, [['log', 'info', 'set', { a: 1 }]]);
});

t.test('a refusal of the host reaches the plugin, and its caller, by its code', async (t) => {
  const session = recordingSession(() => Promise.reject(Object.assign(new Error('no'), { code: 'FORBIDDEN', kind: 'forbidden', details: { capability: 'x' } })));
  await t.rejects(run('kv', 1, session), { code: 'FORBIDDEN', details: { capability: 'x' } });
});

t.test('streams are bytes in both directions', async (t) => {
  const chunks = [new Uint8Array([0, 255, 1]), new Uint8Array(262_144).fill(7), new Uint8Array(0)];
  const session = recordingSession((name) => ({ 'files.open': 1, 'files.create': 2, 'files.finish': { id: 'new', sizeBytes: 3 } })[name] ?? null, [...chunks]);
  t.strictSame(await run('copy', 'file', session), { id: 'new', sizeBytes: 3 });
  t.strictSame(Buffer.concat(session.pushed), Buffer.concat(chunks));
});

t.test('the globals are there that a bare isolate lacks', async (t) => {
  t.strictSame(await run('globals'), {
    url: 'https://xn--exmple-cua.org:8443/b?x=1&y=%20z',
    params: [['a', '1'], ['a', '2'], ['b', 'ü x']],
    text: 'aü€😀',
    random: '6db65fd5-9fd3-46f6-b291-40571b5bcd6b',
    sha256: [186, 120, 22, 191],
    base64: ['aGVsbG8=', 'hello'],
    clone: { a: [1, { b: null }] },
    missing: [],
  });
  t.match(await sandbox.invoke(target('echo'), invocation('route:page.get', { params: {}, query: {}, body: null, headers: {}, files: [], rawBase64: null, browser: null }), recordingSession()), { status: 201, text: 'a page' });
});

t.test('they answer as Node does', async (t) => {
  t.strictSame(await run('platform'), JSON.parse(JSON.stringify(await platform())));
});

t.test('a cancelled call ends at once, and the plugin lets go of it', async (t) => {
  const waiting = Promise.withResolvers<Json>();
  const session = recordingSession(() => waiting.promise);
  const call = run('kv', 1, session);
  await until(() => session.calls.length === 1);
  session.abort();
  await t.rejects(call, { code: 'UNAVAILABLE' });
  waiting.resolve(null);
  t.equal(await run('echo', 5), 5);
  t.equal(session.calls.length, 1, 'no further call was made');
});

t.test('a call ends at its deadline', async (t) => {
  const from = performance.now();
  await t.rejects(run('wait', 60_000, recordingSession(), { timeoutMs: 200 }), { code: 'DEADLINE_EXCEEDED' });
  t.ok(performance.now() - from < 1_000);
  t.equal(await run('wait', 20), false);
});

t.test('each tenant has an isolate of its own', async (t) => {
  await Promise.all(['one', 'two', 'three'].map((tenantId) => run('echo', 1, recordingSession(), { tenantId })));
  t.ok(sandbox.stats().isolates >= 4);
  await sandbox.evict({ tenantId: 'two' });
  await sandbox.evict({ tenantId: 'three' });
  t.equal(await run('echo', 1, recordingSession(), { tenantId: 'two' }), 1, 'it comes back by itself');
});

t.test('an evicted plugin ends its calls with UNAVAILABLE', async (t) => {
  const session = recordingSession(() => new Promise<Json>(() => undefined));
  const call = run('kv', 1, session, { tenantId: 'evicted' });
  await until(() => session.calls.length === 1);
  await Promise.all([t.rejects(call, { code: 'UNAVAILABLE' }), sandbox.evict({ tenantId: 'evicted' })]);
  t.equal(sandbox.stats().calls, 0);
});

t.test('another text for a version replaces it', async (t) => {
  sandbox.load({ id: 'changing', version: '1.0.0', code });
  t.equal(await sandbox.invoke(target('changing'), invocation('service:echo.run.echo', 1), recordingSession()), 1);
  sandbox.load({ id: 'changing', version: '1.0.0', code: code.replaceAll('echo.run', 'other.run') });
  t.equal(await sandbox.invoke(target('changing'), invocation('service:other.run.echo', 2), recordingSession()), 2);
});

t.test('a bundle that fails to load fails its calls, and says why to the author', async (t) => {
  sandbox.load({ id: 'broken', version: '1.0.0', code: 'throw new Error("cannot start")' });
  await t.rejects(sandbox.invoke(target('broken'), invocation('job:x', null), recordingSession()), { code: 'INTERNAL_SERVER_ERROR' });
  t.match(log.lines.findLast(({ message }) => message === 'a plugin could not be loaded')?.fields, { plugin: 'broken', stack: /cannot start/ });
});

t.test('when a process dies, what may be repeated is, and the rest is UNAVAILABLE', async (t) => {
  const [safe, unsafe] = [true, false].map((idempotent) => {
    const release = Promise.withResolvers<Json>();
    const session = recordingSession(() => release.promise);
    return { session, release, call: run('kv', 1, session, { tenantId: 'killed', idempotent }) };
  });
  if (safe === undefined || unsafe === undefined) return t.fail('two calls');
  await until(() => safe.session.calls.length === 1 && unsafe.session.calls.length === 1);
  // Both wait in one process: the one that has calls.
  const before = sandbox.stats();
  const pids = before.children.filter(({ calls }) => calls > 0).map(({ pid }) => pid);
  t.equal(pids.length, 1);
  const refused = t.rejects(unsafe.call, { code: 'UNAVAILABLE' });
  process.kill(pids[0] as number, 'SIGKILL');
  await refused;
  await until(() => safe.session.calls.length === 2);
  safe.release.resolve('after all');
  t.equal(await safe.call, 'after all');
  t.equal(unsafe.session.calls.length, 1);
  t.equal(sandbox.stats().kills, before.kills + 1);
  await until(() => sandbox.stats().children.filter(({ kind }) => kind === 'pool').length === 2);
});

t.test('usage is told once a call, with what it cost', async (t) => {
  await run('kv', 'x', recordingSession(), { tenantId: 'metered' });
  await t.rejects(run('refuse', 1, recordingSession(), { tenantId: 'metered' }));
  await until(() => usagesOf('metered').length === 2);
  t.match(usagesOf('metered'), [
    { tenantId: 'metered', pluginId: 'echo', version: '1.0.0', handler: 'service:echo.run.kv', hostCalls: 2, outcome: 'ok', dropped: 0 },
    { handler: 'service:echo.run.refuse', hostCalls: 0, outcome: 'ECHO_REFUSED' },
  ]);
  const [first] = usagesOf('metered');
  t.ok((first?.cpuMs ?? 0) > 0 && (first?.wallMs ?? 0) > 0 && (first?.bytes ?? 0) > 100);
  t.match(sandbox.stats().meters.find(({ tenantId }) => tenantId === 'metered'), { calls: 2, errors: 1, hostCalls: 2 });
});

t.test('a closed sandbox refuses, and its processes are gone', async (t) => {
  const other = await openSandbox({ log, children: 1 });
  other.load({ id: 'echo', version: '1.0.0', code });
  t.equal(await other.invoke(target('echo'), invocation('service:echo.run.echo', 1), recordingSession()), 1);
  const pids = other.stats().children.map(({ pid }) => pid);
  await other.close();
  t.equal(pids.length, 1);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  await t.rejects(other.invoke(target('echo'), invocation('service:echo.run.echo', 1), recordingSession()), { code: 'UNAVAILABLE' });
});
