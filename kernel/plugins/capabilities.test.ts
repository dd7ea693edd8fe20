import t from 'tap';
import { capabilityProblem, describeCapability, grantsOf } from './capabilities.ts';

const url = (text: string) => new URL(text);

t.test('an address is covered only by method, scheme, host, port and path together', async (t) => {
  const grants = grantsOf(['net:GET https://api.example.com/v1/*'], null);
  for (const [method, address] of [
    ['POST', 'https://api.example.com/v1/x'],
    ['GET', 'http://api.example.com/v1/x'],
    ['GET', 'https://api.example.com.evil.net/v1/x'],
    ['GET', 'https://evil.net/api.example.com/v1/x'],
    ['GET', 'https://api.example.com:8443/v1/x'],
    ['GET', 'https://api.example.com/v1/../admin'],
    ['GET', 'https://api.example.com/v10'],
  ] as const) t.notOk(grants.mayFetch(method, url(address)), `${method} ${address}`);
  t.ok(grants.mayFetch('GET', url('https://api.example.com/v1/x?y=1')));
  t.ok(grantsOf(['net:* https://*.example.com/*'], null).mayFetch('PUT', url('https://a.b.example.com/')));
  t.notOk(grantsOf(['net:* https://*.example.com/*'], null).mayFetch('PUT', url('https://badexample.com/')));
});

t.test('a callee never exceeds its caller in egress, files and kernel services', async (t) => {
  const callee = grantsOf(['net:public', 'files:read', 'jobs'], ['jobs', 'net:GET https://a.example/*']);
  t.notOk(callee.has('files:read'));
  t.notOk(callee.mayFetch('GET', url('https://b.example/')));
  t.ok(callee.mayFetch('GET', url('https://a.example/x')));
  t.ok(callee.has('jobs'), 'what stays within the plugin is its own');
});

t.test('event patterns do not leak over namespaces', async (t) => {
  const grants = grantsOf(['events:emit:notes.*', 'events:on:files.uploaded'], null);
  t.notOk(grants.mayEmit('notesx.added'));
  t.notOk(grants.mayReceive('files.uploaded-twice'));
  t.ok(grants.mayEmit('notes.added'));
  t.ok(grants.mayReceive('files.uploaded'));
});

t.test('a malformed capability is refused and a good one has plain words', async (t) => {
  for (const bad of ['', 'root', 'net:GET file:///etc/passwd', 'net:FETCH https://a.example/', 'events:emit:*', 'net:GET https://*/x', 'hooks:']) t.match(capabilityProblem(bad), /is not a capability/, bad);
  for (const good of ['jobs', 'net:public', 'net:GET https://api.example.com/*', 'events:on:files.*', 'hooks:files.before-upload']) {
    t.equal(capabilityProblem(good), null, good);
    t.not(describeCapability(good), good);
  }
});
