import t from 'tap';
import type { PluginEntry } from '../../config/plugins.ts';
import { testServer } from '../support/server.ts';

const entry = (name: string, runtime: PluginEntry['runtime']): PluginEntry => ({ package: new URL(`./deputy/${name}.ts`, import.meta.url).href, runtime, prefixes: [`/api/${name}`], grants: [], everyTenant: true });

for (const runtime of ['in-process', 'sandboxed'] as const) {
  t.test(`a service does nothing for its caller that the caller may not do, ${runtime}`, async (t) => {
    const server = await testServer(t, { entries: [entry('lender', runtime), entry('poor', runtime), entry('rich', runtime)] });
    const user = await server.register();
    t.match(await user.send('POST', '/api/poor/borrow', {}), { status: 403, body: { error: 'FORBIDDEN', details: { capability: 'files:write' } } });
    t.match(await user.send('POST', '/api/rich/borrow', {}), { status: 200, body: { sizeBytes: 5 } });
  });
}
