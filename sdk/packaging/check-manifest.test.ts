import t from 'tap';
import { collection, definePlugin, type Manifest, Type } from '../index.ts';
import { manifestIssues, parseManifest } from './index.ts';

const sound = definePlugin({
  id: 'notes',
  version: '1.2.0',
  title: 'Notes',
  description: 'Keeps notes.',
  dependencies: { files: { range: '^1.0.0' } },
  capabilities: ['jobs', 'events:emit:notes.*', 'events:on:files.uploaded'],
  collections: { entries: collection({ schema: Type.Object({ text: Type.String() }), indexes: [['text', 'createdAt']] }) },
  permissions: { read: { description: 'Read notes', roles: ['viewer'] } },
  events: { 'notes.added': { schema: Type.Object({}), public: true } },
}).manifest;

const route = { name: 'entries.list', method: 'GET', path: '/entries', access: 'tenant', permission: 'notes:read' } as const;

/** Issues of the sound manifest with some parts replaced, as `path: issue`. */
const issuesWith = (change: Partial<Record<keyof Manifest, unknown>>): string[] => manifestIssues(JSON.parse(JSON.stringify({ ...sound, ...change }))).map(({ path, issue }) => `${path}: ${issue}`);

t.test('names what the schema refuses, where it is', async (test) => {
  test.match(manifestIssues(null), [{ path: '' }]);
  test.match(manifestIssues(JSON.parse('{"__proto__":{}}')), [{ issue: /__proto__/ }]);
  test.same(issuesWith({ title: undefined }), ['/title: is missing']);
  test.same(issuesWith({ hacks: 1 } as never), ['/hacks: is not part of a manifest']);
  test.match(issuesWith({ routes: [{ ...route, method: 'FETCH' }] }), [/\/routes\/0\/method: must be one of GET, POST/]);
  test.match(issuesWith({ id: 'Notes!' }), [/^\/id: must match pattern/]);
});

t.test('names what a schema cannot know', async (test) => {
  const cases: [Partial<Record<keyof Manifest, unknown>>, RegExp][] = [
    [{ version: '1.2' }, /\/version: is not a semantic version/],
    [{ engine: 'new' }, /\/engine: is not a range/],
    [{ dependencies: { notes: { range: '*' } } }, /cannot depend on itself/],
    [{ dependencies: { files: { range: 'latest' } } }, /\/dependencies\/files\/range/],
    [{ capabilities: [...sound.capabilities, 'net:GET file:///etc/passwd'] }, /is not a capability/],
    [{ capabilities: [...sound.capabilities, 'events:emit:files.*'] }, /emits events of its own only/],
    [{ capabilities: ['jobs', 'events:on:files.uploaded'] }, /\/events\/notes\.added: needs the capability/],
    [{ events: { ...sound.events, 'files.uploaded': { schema: {}, public: true } } }, /starts with notes\./],
    [{ subscriptions: [{ name: 'a', event: 'billing.paid' }] }, /needs the capability events:on:billing\.paid/],
    [{ subscriptions: [{ name: 'a', event: 'files.uploaded' }, { name: 'a', event: 'files.uploaded' }] }, /two subscriptions a/],
    [{ hooks: [{ point: 'files.before-upload', order: 0, timeoutMs: 100, onFailure: 'open' }] }, /needs the capability hooks:files\.before-upload/],
    [{ routes: [route, { ...route, name: 'entries.all' }] }, /two routes GET \/entries/],
    [{ routes: [{ ...route, path: '/entries/:id' }, { ...route, name: 'b', path: '/entries/:entryId' }] }, /two routes GET/],
    [{ routes: [{ ...route, permission: 'notes:destroy' }] }, /the permission destroy is not declared/],
    [{ routes: [{ ...route, permission: 'read' }] }, /<plugin>:<action>/],
    [{ routes: [{ ...route, access: 'public' }] }, /nobody is signed in/],
    [{ routes: [{ ...route, body: { kind: 'raw', maxBytes: 5 } }] }, /GET has no body/],
    [{ routes: [{ ...route, access: 'tenant', tenantFrom: { in: 'query', name: 'token', purpose: 'share' } }] }, /only a public or user route looks/],
    [{ routes: [{ ...route, access: 'user', permission: 'notes:read', tenantFrom: { in: 'query', name: 'token', purpose: 'share' } }] }, /nobody has a role in the tenant of a link/],
    [{ routes: [{ ...route, access: 'user', path: '/teams/:teamId', tenantParam: 'teamId' }] }, /only a tenant route names its tenant/],
    [{ routes: [{ ...route, access: 'tenant', path: '/teams/:teamId', tenantParam: 'team' }] }, /no parameter :team$/],
    [{ collections: { entries: { schema: { type: 'string' } } } }, /of an object/],
    [{ collections: { entries: { schema: { type: 'object', properties: { id: {} } } } } }, /is a field of the host/],
    [{ collections: { entries: { schema: { type: 'object', properties: {} }, unique: [['text']] } } }, /no field text/],
    [{ collections: { entries: { schema: { type: 'object', properties: {} }, search: ['text'] } } }, /no field text/],
    [{ jobs: { tidy: { schema: {}, retryLimit: 1, retryDelaySeconds: 1, timeoutMs: 1000, cron: '* * *' } } }, /five fields/],
    [{ capabilities: sound.capabilities.slice(1), jobs: { tidy: { schema: {}, retryLimit: 1, retryDelaySeconds: 1, timeoutMs: 1000 } } }, /needs the capability jobs/],
    [{ provides: { 'files.store': { version: '1.0.0', methods: {} } } }, /starts with notes\./],
  ];
  for (const [change, expected] of cases) {
    const issues = issuesWith(change);
    test.ok(issues.some((issue) => expected.test(issue)), `${expected}: ${issues.join(' | ')}`);
  }
});

t.test('throws all of them at once, and passes a sound manifest through', async (test) => {
  test.throws(() => parseManifest({ ...sound, version: 'x', engine: 'y' }), { code: 'MANIFEST_INVALID', details: { issues: [{ path: '/version' }, { path: '/engine' }] } });
  test.equal(parseManifest(sound), sound);
});
