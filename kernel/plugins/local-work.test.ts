import t from 'tap';
import type { PluginCall } from './call.ts';
import type { InvokeRequest, Invoker } from './invoker.ts';
import { localWork } from './local-work.ts';
import type { TenantPlugins } from './tenant-plugins.ts';
import { until } from '../../test/support/messaging.ts';

const plugin = { version: { manifest: { id: 'ephemeral', jobs: { process: { timeoutMs: 1000 } } } } };
const tenantPlugins = { get: () => plugin } as unknown as TenantPlugins;
const callOf = (tenantId: string): PluginCall => ({ tenantId, version: plugin.version, principal: {}, identity: null, provenance: { traceId: 'trace' } }) as unknown as PluginCall;

function setUp() {
  const begun: { tenantId: string; data: unknown; end(error?: Error): void }[] = [];
  const lines: unknown[] = [];
  const invoke = ({ tenantId, input }: InvokeRequest): Promise<null> =>
    new Promise((resolve, reject) => begun.push({ tenantId: tenantId as string, data: (input as { data: unknown }).data, end: (error) => (error === undefined ? resolve(null) : reject(error)) }));
  const run = localWork({ tenantPlugins, invoker: () => ({ invoke }) as unknown as Invoker, log: { warn: (...line: unknown[]) => void lines.push(line) } as never });
  const never = new AbortController().signal;
  return { begun, lines, send: (tenantId: string, n = 0, signal = never) => run(callOf(tenantId), 'process', { n }, signal) };
}

t.test('three run at once, and tenants take turns', async (t) => {
  const { begun, send } = setUp();
  for (let n = 0; n < 6; n++) send('a', n);
  send('b');
  t.equal(begun.length, 3);
  for (let at = 0; at < 7; at++) {
    await until(() => begun.length > at);
    begun[at]?.end();
  }
  t.strictSame(begun.map(({ tenantId }) => tenantId), ['a', 'a', 'a', 'a', 'b', 'a', 'a'], 'b waited for one of a, not for all');
});

t.test('work of a session that has ended is not begun', async (t) => {
  const { begun, send } = setUp();
  const ended = new AbortController();
  for (let n = 0; n < 3; n++) send('a', n);
  send('a', 3, ended.signal);
  send('a', 4);
  ended.abort();
  begun[0]?.end();
  await until(() => begun.length === 4);
  t.strictSame(begun[3]?.data, { n: 4 });
});

t.test('of work that fails the log learns a code, and the rest goes on', async (t) => {
  const { begun, lines, send } = setUp();
  for (let n = 0; n < 4; n++) send('a', n);
  begun[0]?.end(new Error('Dear Ann'));
  await until(() => begun.length === 4);
  t.match(lines, [[{ plugin: 'ephemeral', job: 'process', code: 'INTERNAL_SERVER_ERROR' }]]);
  t.notMatch(JSON.stringify(lines), /Ann/);
});

t.test('only so much may wait', async (t) => {
  const { send } = setUp();
  for (let n = 0; n < 503; n++) send('a', n);
  t.throws(() => send('a'), { code: 'UNAVAILABLE', retryAfterSeconds: 10 });
  send('b');
});
