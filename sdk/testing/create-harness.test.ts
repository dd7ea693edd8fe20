import t from 'tap';
import { definePlugin, pluginKit, reply, ValidationError } from '../index.ts';
import { type Body, probe } from './fixtures/probe.ts';
import { createHarness, defaultTenantId, type HarnessOptions } from './index.ts';

const otherTenant = '018f0000-0000-7000-8000-0000000000ff';

/** A harness whose `run` gives what the body answers. */
function tried(options: HarnessOptions = {}) {
  let current: Body = async () => null;
  const harness = createHarness(probe(() => current), options);
  const run = async (body: Body, input: unknown = null, as = {}) => {
    current = body;
    return harness.request('POST', '/run', { body: input, as });
  };
  return { harness, run };
}

t.test('refuses by access, permission, path and schema before the handler runs', async (test) => {
  const { harness, run } = tried();
  let ran = 0;
  const count: Body = async () => ++ran;
  test.match(await run(count, null, { userId: null }), { status: 401, body: { error: 'UNAUTHORIZED' } });
  test.match(await run(count, null, { role: 'viewer' }), { status: 403, body: { error: 'FORBIDDEN', details: { permission: 'probe:use' } } });
  test.equal(ran, 0);
  test.match(await run(count, null, { role: 'viewer', permissions: ['probe:use'] }), { status: 200, body: 1 });
  test.match(await harness.request('GET', '/nothing'), { status: 404, body: { error: 'NOT_FOUND' } });
  test.match(await harness.request('DELETE', '/run'), { status: 404 });
  test.match(await harness.request('GET', '/items/7?deep=perhaps'), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'query.deep' } } });
  test.match(await harness.request('GET', '/items/7?deep=true'), { status: 200, body: { id: '7', deep: true } });
  test.match(await harness.request('GET', '/api/x/probe/items/latest'), { status: 200, body: { latest: true } });
});

t.test('a capability that is not granted is refused by name', async (test) => {
  const { run } = tried({ granted: [], fetch: () => ({ status: 200 }) });
  const attempts: [string, Body][] = [
    ['jobs', (ctx) => ctx.jobs.send('work', { fail: 0 })],
    ['realtime', (ctx) => ctx.realtime.publish({ tenant: true }, 'probe:x', {})],
    ['files:write', (ctx) => ctx.files.write(new Uint8Array(1))],
    ['files:read', (ctx) => ctx.files.stat('x')],
    ['events:emit:probe.done', (ctx) => ctx.events.emit('probe.done', { n: 1 })],
    ['net:GET https://api.example.com/v1/x', (ctx) => ctx.fetch('https://api.example.com/v1/x')],
    ['db:sql', (ctx) => ctx.sql`select 1`],
  ];
  for (const [capability, attempt] of attempts) test.match(await run(attempt), { status: 403, body: { error: 'FORBIDDEN', details: { capability } } }, capability);
});

t.test('only JSON crosses, either way, and what crosses is a copy', async (test) => {
  const { run } = tried();
  test.match(await run(async () => ({ at: new Date(0) })), { status: 500, body: { error: 'INVALID_RESULT', message: /result\.json\.at/ } });
  test.match(await run((ctx) => ctx.kv.set('k', (() => 1) as never)), { status: 400, body: { details: { field: /^kv\.set\[1\]/ } } });
  const shared = { list: [1] };
  await run(async (ctx) => {
    await ctx.kv.set('k', shared);
    shared.list.push(2);
  });
  test.same((await run((ctx) => ctx.kv.get('k'))).body, { list: [1] });
});

t.test('errors become the contract, bugs are thrown', async (test) => {
  const { run } = tried();
  test.match(await run(async () => { throw ValidationError({ details: { field: 'x', issue: 'y' } }); }), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'x' }, requestId: String } });
  await test.rejects(run(async () => { throw new TypeError('a bug'); }), /a bug/);
});

t.test('transactions: all or nothing, events and jobs with them, no fetch inside', async (test) => {
  const { harness, run } = tried({ fetch: () => ({ status: 200 }) });
  const failing: Body = (ctx) =>
    ctx.db.transaction(async (tx) => {
      await tx.db.tasks.insert({ title: 'a', done: false });
      await tx.events.emit('probe.done', { n: 1 });
      await tx.jobs.send('work', { fail: 0 });
      await tx.auth.audit({ action: 'tried' });
      throw ValidationError();
    });
  test.equal((await run(failing)).status, 400);
  test.same([harness.events.length, harness.jobs.length, harness.audited.length, await harness.db('tasks', 'count', [{}])], [0, 0, 0, 0]);
  test.match(await run((ctx) => ctx.db.transaction(async () => ctx.fetch('https://api.example.com/v1/x'))), { status: 409 });
  test.match(await run((ctx) => ctx.db.transaction(async () => ctx.db.transaction(async () => 1))), { status: 409 });
  const seen = await run((ctx) =>
    ctx.db.transaction(async (tx) => {
      await tx.db.tasks.insert({ title: 'a', done: false });
      await tx.events.emit('probe.done', { n: 2 });
      await tx.auth.audit({ action: 'done', target: 'a' });
      return [await tx.db.tasks.count(), await ctx.db.tasks.count(), harness.events.length, harness.audited.length];
    }),
  );
  test.same(seen.body, [1, 0, 0, 0], 'its own writes inside, nobody else’s view of them outside');
  test.same([harness.events.length, await harness.db('tasks', 'count', [{}])], [1, 1]);
  test.match(harness.audited, [{ action: 'probe.done', target: 'a' }]);
});

t.test('concurrent transactions lose no update', async (test) => {
  const { harness, run } = tried();
  await harness.db('tasks', 'insert', [{ title: 'counter', done: false, points: 0 }]);
  const bump: Body = (ctx) =>
    ctx.db.transaction(async (tx) => {
      const task = await tx.db.tasks.findOne({ title: 'counter' });
      await tx.db.tasks.update(task?.id ?? '', { points: (task?.points ?? 0) + 1 });
    });
  await Promise.all(Array.from({ length: 5 }, () => run(bump)));
  test.match(await harness.db('tasks', 'findOne', [{ title: 'counter' }]), { points: 5 });
});

t.test('tenants see nothing of each other', async (test) => {
  const { harness, run } = tried();
  const asOther = { tenantId: otherTenant };
  const made = await run(async (ctx) => {
    await ctx.kv.set('k', 1);
    const file = await ctx.files.write(new TextEncoder().encode('secret'));
    return { task: (await ctx.db.tasks.insert({ title: 'mine', done: false })).id, file: file.id, handle: await ctx.files.share(file.id, { ttlSeconds: 60 }), job: await ctx.jobs.send('work', { fail: 0 }) };
  });
  const { task, file, handle, job } = made.body as Record<string, string>;
  test.same((await run(async (ctx) => [await ctx.db.tasks.get(task ?? ''), await ctx.kv.get('k'), await ctx.jobs.status(job ?? ''), await ctx.db.tasks.count()], null, asOther)).body, [null, null, null, 0]);
  for (const id of [file, handle]) test.equal((await run((ctx) => ctx.files.stat(id ?? ''), null, asOther)).status, 404);
  test.match(await run((ctx) => ctx.files.stat(handle ?? '')), { status: 200, body: { sizeBytes: 6 } });
  harness.clock.advance(61_000);
  test.equal((await run((ctx) => ctx.files.stat(handle ?? ''))).status, 404, 'a handle expires');
});

t.test('kv expires by the fake clock and increments', async (test) => {
  const { harness, run } = tried();
  const bump: Body = (ctx) => ctx.kv.increment('n', 2, { ttlSeconds: 10 });
  test.same([(await run(bump)).body, (await run(bump)).body], [2, 4]);
  harness.clock.advance(10_000);
  test.equal((await run(bump)).body, 2);
  test.match(await run(async (ctx) => { await ctx.kv.set('n', 'text'); return ctx.kv.increment('n'); }), { status: 400 });
});

t.test('jobs run when due, retry with growing delays, and end as failed', async (test) => {
  const { harness, run } = tried();
  await run((ctx) => ctx.jobs.send('work', { fail: 9 }));
  await run((ctx) => ctx.jobs.send('work', { fail: 1 }, { startAfter: 5 }));
  test.match(await run((ctx) => ctx.jobs.send('work', { fail: 'x' } as never)), { status: 400 });
  test.match(await run((ctx) => ctx.jobs.send('absent', {})), { status: 404 });
  const [bad, late] = harness.jobs;
  test.same((await harness.runJobs()).map((job) => job.id), [bad?.id]);
  test.match(bad, { state: 'retrying', attempt: 1, progress: 0.5, note: 'half', error: { message: 'not yet' } });
  harness.clock.advance(10_000);
  await harness.runJobs();
  test.match([bad, late], [{ state: 'retrying', attempt: 2 }, { state: 'retrying', attempt: 1 }]);
  harness.clock.advance(20_000);
  await harness.runJobs();
  test.match([bad, late], [{ state: 'failed', attempt: 3 }, { state: 'completed', attempt: 2, result: { attempt: 2 }, progress: 1 }]);
  const first = await run((ctx) => ctx.jobs.send('work', { fail: 0 }, { singletonKey: 'one' }));
  test.equal((await run((ctx) => ctx.jobs.send('work', { fail: 0 }, { singletonKey: 'one' }))).body, first.body);
});

t.test('events reach subscriptions, foreign ones when told and own ones when asked for', async (test) => {
  const { harness, run } = tried();
  test.same(await harness.emit({ name: 'other.happened', payload: {}, id: 'e1' }), ['other']);
  await harness.emit({ name: 'other.happened', payload: {}, id: 'e1', attempt: 2 });
  test.equal((await run((ctx) => ctx.kv.get('seen e1'))).body, 2);
  test.same(await harness.emit({ name: 'other.unknown', payload: {} }), []);
  test.match(await run((ctx) => ctx.events.emit('probe.done', { n: 'x' } as never)), { status: 400, body: { details: { field: 'payload.n' } } });
  test.match(await run((ctx) => ctx.events.emit('other.happened', {})), { status: 403 });
  await run((ctx) => ctx.events.emit('probe.done', { n: 1 }));
  test.match(harness.events, [{ name: 'probe.done', payload: { n: 1 }, tenantId: defaultTenantId }]);
});

t.test('fetch: grants, secrets, redirects and failures as the host has them', async (test) => {
  const seen: string[] = [];
  const { run } = tried({
    secrets: { apiKey: 'k-1' },
    fetch: ({ url, headers, method }) => {
      seen.push(`${method} ${url.href} ${headers['x-key'] ?? ''}`);
      if (url.pathname === '/v1/away') return { status: 302, headers: { Location: 'https://evil.example/v1/x' } };
      if (url.pathname === '/v1/down') throw new Error('no route');
      return { json: { ok: true } };
    },
  });
  test.match(await run((ctx) => ctx.fetch('https://evil.example/v1/x')), { status: 403, body: { details: { capability: 'net:GET https://evil.example/v1/x' } } });
  test.match(await run((ctx) => ctx.fetch('https://api.example.com/v1/x', { method: 'POST' })), { status: 403 });
  test.same(seen, []);
  test.match(await run((ctx) => ctx.fetch('https://api.example.com/v1/away', { redirects: 1 })), { status: 403 });
  test.match(await run((ctx) => ctx.fetch('https://api.example.com/v1/down')), { status: 503, body: { error: 'EGRESS_FAILED' } });
  const ok = await run(async (ctx) => (await ctx.fetch('https://api.example.com/v1/x', { headers: { 'X-Key': 'Bearer {{secret:apiKey}}' } })).json());
  test.same(ok.body, { ok: true });
  test.equal(seen.at(-1), 'GET https://api.example.com/v1/x Bearer k-1');
  test.match(await run((ctx) => ctx.secrets.get('apiKey')), { status: 403 });
  test.equal((await run((ctx) => ctx.secrets.has('apiKey'))).body, true);
});

t.test('services: declared, checked both ways, and provided ones callable', async (test) => {
  const { harness, run } = tried({ services: { 'money.rates': { of: ({ currency }: { currency: string }) => (currency === 'EUR' ? { rate: 1 } : { rate: 'high' }) } } });
  test.same((await run((ctx) => ctx.services.rates.of({ currency: 'EUR' }))).body, { rate: 1 });
  test.match(await run((ctx) => ctx.services.rates.of({ currency: 'XXX' })), { status: 400 });
  test.match(await run((ctx) => ctx.services.rates.of({} as never)), { status: 400, body: { details: { field: 'input.currency' } } });
  test.equal(await harness.serve('probe.echo', 'say', 'hi'), 'HI');
  test.same(await harness.hook('other.before', { size: 3 }), { patch: { size: 4 } });
  test.same(await harness.hook('other.before', { size: 30 }), { refuse: { code: 'TOO_BIG', message: 'Too big.' } });
  const hooked = tried({ hooks: { 'probe.before-done': ({ n }: { n: number }) => (n > 1 ? { refuse: { code: 'NO', message: 'No.' } } : { patch: { n: 7 } }) } });
  test.same((await hooked.run((ctx) => ctx.hooks.run('probe.before-done', { n: 1 }))).body, { n: 7 });
  test.match(await hooked.run((ctx) => ctx.hooks.run('probe.before-done', { n: 2 })), { status: 409, body: { error: 'NO' } });
});

t.test('files: streams both ways, ranges, uploads that end with their call', async (test) => {
  const { harness, run } = tried();
  const text = await run(async (ctx) => {
    const file = await ctx.files.write((async function* () { yield new TextEncoder().encode('hello '); yield new TextEncoder().encode('world'); })(), { mimeType: 'text/plain' });
    let all = '';
    for await (const chunk of ctx.files.read(file.id, { start: 6 })) all += new TextDecoder().decode(chunk);
    return { all, ...file };
  });
  test.match(text.body, { all: 'world', sizeBytes: 11, mimeType: 'text/plain', declaredType: 'text/plain' });
  test.match(await harness.request('POST', '/upload', { files: [{ field: 'file', content: 'x'.repeat(101) }] }), { status: 413 });
  const kept = await harness.request('POST', '/upload', { files: [{ field: 'file', filename: '../a.txt', content: 'abc' }] });
  test.equal(kept.status, 201);
  test.equal(Buffer.from(harness.fileBytes(kept.body.kept) ?? []).toString(), 'abc');
  const { handle } = await harness.shareFile('from elsewhere');
  test.match(await run((ctx) => ctx.files.stat(handle)), { body: { sizeBytes: 14 } });
});

t.test('public routes find their tenant by a link', async (test) => {
  const { harness } = tried();
  test.equal((await harness.request('GET', '/shared/forged')).status, 404);
  test.equal((await harness.request('GET', `/shared/${harness.link({ purpose: 'other', id: 'x' })}`)).status, 404);
  const link = harness.link({ purpose: 'share', id: 'doc-1', tenantId: otherTenant, expiresInSeconds: 5 });
  test.same((await harness.request('GET', `/shared/${link}`)).body, { tenantId: otherTenant, link: 'doc-1', who: 'public' });
  harness.clock.advance(5_000);
  test.equal((await harness.request('GET', `/shared/${link}`)).status, 404);
});

t.test('the same seed gives the same ids and numbers; logs, metrics and audit are kept', async (test) => {
  const story = async () => {
    const { harness, run } = tried({ seed: 's' });
    const answer = await run(async (ctx) => {
      ctx.log.info('hi', { a: 1 });
      ctx.metrics.count('calls');
      await ctx.auth.audit({ action: 'tried' });
      await ctx.realtime.publish({ room: 'document:1' }, 'probe:tick', { n: 1 });
      return [ctx.random.uuid(), ctx.random.number(), ctx.clock.now(), (await ctx.db.tasks.insert({ title: 'x', done: false })).id];
    });
    test.match(harness.logs, [{ level: 'info', message: 'hi', fields: { a: 1 } }]);
    test.match(harness.metrics, [{ kind: 'count', name: 'calls', value: 1 }]);
    test.match(harness.audited, [{ action: 'probe.tried' }]);
    test.match(harness.published, [{ to: { room: 'document:1' }, event: 'probe:tick' }]);
    return answer.body as unknown[];
  };
  test.same(await story(), await story());
});

t.test('the vault opens what it sealed for this tenant and context, and passwords match their own hash', async (test) => {
  const { run } = tried();
  let sealed = '';
  const body: Body = async (ctx) => {
    sealed = await ctx.vault.seal('a text', 'c');
    const hash = await ctx.vault.hashPassword('right');
    return { opened: await ctx.vault.open(sealed, 'c'), verified: [await ctx.vault.verifyPassword('right', hash), await ctx.vault.verifyPassword('wrong', hash), await ctx.vault.verifyPassword('right', null)] };
  };
  test.match(await run(body), { status: 200, body: { opened: 'a text', verified: [true, false, false] } });
  test.match(await run((ctx) => ctx.vault.open(sealed, 'd')), { status: 400, body: { error: 'SEAL_INVALID' } });
  test.match(await run((ctx) => ctx.vault.open(sealed, 'c'), null, { tenantId: otherTenant }), { status: 400, body: { error: 'SEAL_INVALID' } });
  test.match(await run((ctx) => ctx.vault.seal('x'.repeat(65_537), 'c')), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'plain' } } });
  test.match(await run((ctx) => ctx.vault.hashPassword('')), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'password' } } });
});

t.test('an upload body is one file, also when the client broke off', async (test) => {
  const kit = pluginKit();
  const plugin = definePlugin({
    id: 'drop',
    version: '1.0.0',
    title: 'Drop',
    description: 'Takes bytes.',
    capabilities: ['files:write', 'files:read'],
    parts: [
      kit.route({ name: 'parts.add', method: 'PATCH', path: '/parts', access: 'tenant', body: { upload: true, maxBytes: 10 }, handler: async (ctx, { files: [file] }) => reply({ status: 204, headers: { 'upload-offset': String(file?.sizeBytes), 'x-drop-kept': (await ctx.files.keep(file?.handle ?? '')).id, 'x-drop-complete': String(file?.complete) } }) }),
      kit.route({ name: 'parts.get', method: 'GET', path: '/parts', access: 'tenant', handler: async () => reply({ headers: { 'upload-offset': '3' }, json: { offset: 3 } }) }),
    ],
  });
  const harness = createHarness(plugin);
  test.match(await harness.request('PATCH', '/parts', { upload: 'x'.repeat(11) }), { status: 413, body: { error: 'PAYLOAD_TOO_LARGE' } });
  const half = await harness.request('PATCH', '/parts', { upload: 'half', complete: false, headers: { 'content-type': 'application/offset+octet-stream' } });
  test.match(half, { status: 204, headers: { 'upload-offset': '4', 'x-drop-complete': 'false' } });
  test.equal(Buffer.from(harness.fileBytes(half.headers['x-drop-kept'] ?? '') ?? []).toString(), 'half');
  test.match(await harness.request('PATCH', '/parts', {}), { status: 204, headers: { 'upload-offset': '0', 'x-drop-complete': 'true' } });
  test.match(await harness.request('HEAD', '/parts'), { status: 200, headers: { 'upload-offset': '3' }, body: null });
});
