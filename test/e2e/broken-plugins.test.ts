import t from 'tap';
import { plugins, type PluginEntry } from '../../config/plugins.ts';
import { until } from '../support/messaging.ts';
import { testServer } from '../support/server.ts';

const entry = (name: string): PluginEntry => ({ package: new URL(`./plugins/${name}.ts`, import.meta.url).href, runtime: 'in-process', prefixes: [`/api/${name}`], grants: [], everyTenant: true });

const server = await testServer(t, { entries: [...plugins, entry('throwing'), entry('lying'), entry('echoing'), { ...entry('echoing'), package: '@proofpix/no-such-plugin' }] });
const user = await server.register();

t.test('a plugin that is missing, throws while it loads, or lies in its manifest stops nobody else', async (t) => {
  t.equal((await fetch(`${server.url}/health/ready`)).status, 200);
  t.equal((await user.send('GET', '/api/nowhere/list')).status, 404);
  t.match(server.kernel.plugins.lifecycle.status('lying', '1.0.0'), { state: 'failed', problem: { step: 'validating', code: 'MANIFEST_INVALID' } });
  const { status, body } = await user.send('GET', '/api/plugins/installed');
  t.equal(status, 200);
  t.strictSame(body.items.map(({ id }: { id: string }) => id).toSorted(), [...plugins.map((one) => (one.package === '@proofpix/marketplace' ? 'plugins' : one.package.replace('@proofpix/plugin-', ''))), 'echoing'].toSorted());
});

t.test('a circle of events ends as a dead letter after sixteen hops', async (t) => {
  t.equal((await user.send('POST', '/api/echoing/start', {})).status, 200);
  let depth = 0;
  await until(async () => {
    depth = (await user.send('GET', '/api/echoing/depth')).body.depth ?? 0;
    return depth >= 15;
  }, 30_000);
  t.ok(depth <= 17, `stopped at depth ${depth}`);
});

t.test('a plugin that keeps failing gets a pause, and only it', async (t) => {
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push((await user.send('POST', '/api/echoing/crash', {})).status);
  t.strictSame(statuses, [...Array.from({ length: 10 }, () => 500), 503, 503]);
  const paused = await user.send('POST', '/api/echoing/crash', {});
  t.match(paused.body, { error: 'UNAVAILABLE', retryAfter: Number });
  t.ok(paused.headers.get('retry-after'));
  t.equal((await user.send('GET', '/api/plugins/installed')).status, 200);
  const neighbour = await server.register();
  t.equal((await neighbour.send('GET', '/api/echoing/depth')).status, 200, 'another tenant’s use of it goes on');
});
