import t from 'tap';
import type { Manifest } from '@proofpix/sdk';
import { testManifest } from '../../test/support/manifest.ts';
import { schemaProblem } from '../http/safe-schema.ts';
import { checkManifest, type Origin } from './check-manifest.ts';

const stranger: Origin = { trust: 'third-party', schemaProblem };
const own: Origin = { trust: 'first-party', prefixes: ['/api/notes'] };
const route = (change: Partial<Manifest['routes'][number]>): Manifest['routes'] => [{ name: 'a.get', method: 'GET', path: '/a', access: 'tenant', ...change }];

function issues(manifest: unknown, origin: Origin): { path: string; issue: string }[] {
  try {
    checkManifest(manifest, origin);
    return [];
  } catch (error) {
    const { code, details } = error as { code: string; details: { issues: { path: string; issue: string }[] } };
    t.equal(code, 'MANIFEST_INVALID');
    return details.issues;
  }
}

t.test('a third-party plugin may not take what operators hand out, nor speak as another', async (t) => {
  t.match(issues(testManifest({ id: 'notes', capabilities: ['kernel:identity'] }), stranger), [{ path: '/capabilities/0', issue: /operators/ }]);
  t.match(issues(testManifest({ id: 'notes', routes: route({ access: 'operator' }) }), stranger), [{ path: '/routes/0/access' }]);
  t.match(issues(testManifest({ id: 'notes', capabilities: ['events:emit:notes.*'], events: { 'notes.added': { schema: {}, public: true, realtime: 'team:member-joined' } } }), stranger), [{ path: '/events/notes.added/realtime' }]);
  t.match(issues(testManifest({ id: 'notes', events: { 'files.uploaded': { schema: {}, public: true } } }), stranger), [{ path: '/events/files.uploaded' }]);
});

t.test('a hostile schema is refused where it stands', async (t) => {
  let deep: object = { type: 'string' };
  for (let i = 0; i < 40; i++) deep = { type: 'array', items: deep };
  for (const schema of [{ $ref: 'https://evil.example/schema' }, { type: 'object', $dynamicRef: '#x' }, deep]) {
    t.match(issues(testManifest({ id: 'notes', routes: route({ response: schema as Record<string, unknown> }) }), stranger), [{ path: '/routes/0/response' }]);
  }
});

t.test('a first-party plugin stays within its prefixes', async (t) => {
  t.match(issues(testManifest({ id: 'notes', routes: route({ path: '/api/notebook' }) }), own), [{ path: '/routes/0/path', issue: /outside/ }]);
  t.strictSame(issues(testManifest({ id: 'notes', routes: route({ path: '/api/notes/:id' }) }), own), []);
});

t.test('an engine that is not this one is refused', async (t) => {
  t.match(issues(testManifest({ id: 'notes', engine: '^2.0.0' }), stranger), [{ path: '/engine', issue: /this engine is 1/ }]);
});

t.test('the errors of a hostile manifest are bounded', async (t) => {
  const many = Array.from({ length: 200 }, (_, at) => ({ name: `r${at}`, method: 'GET', path: `/r${at}`, access: 'operator' }));
  t.equal(issues({ ...testManifest({ id: 'notes' }), routes: many }, stranger).length, 50);
});
