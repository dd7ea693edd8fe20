import { collection, defineError, defineService, pluginKit, Type, type Context, type Json } from '@proofpix/sdk';

/**
 * Every part of `ctx`, used once as it should be and once as it should not. The same file runs in
 * both runtimes; each scenario answers JSON, and the suite compares the answers.
 */

export const collections = {
  things: collection({
    schema: Type.Object({ name: Type.String({ maxLength: 100 }), rank: Type.Integer(), tags: Type.Optional(Type.Array(Type.String())), at: Type.Optional(Type.String({ format: 'date-time' })) }),
    indexes: [['rank']],
    unique: [['name']],
  }),
};
export const config = Type.Object({ greeting: Type.String({ default: 'hello' }) });
export const echo = defineService({ id: 'conformance.echo', version: '1.2.0', methods: { say: { input: Type.Object({ text: Type.String() }), output: Type.Object({ said: Type.String() }) } } });
export const services = { echo };
export const kit = pluginKit({ collections, config, services });
export type Ctx = typeof kit.Context;

const Refused = defineError({ code: 'OWN_ERROR', kind: 'conflict', message: 'An error of the plugin’s own.' });

/** What a refusal looks like from inside; anything that is not an error is returned as it is. */
export async function refusal(run: () => Promise<unknown>): Promise<Json> {
  try {
    return { answered: (await run()) as Json };
  } catch (error) {
    const { code, kind, message, details } = error as { code?: string; kind?: string; message: string; details?: Json };
    const leaks = /\n|\/kernel\/|\/sdk\/|node:/.test(message);
    return { code: code ?? 'none', kind: kind ?? 'none', details: details ?? null, leaks };
  }
}

const without = (record: object | null, ...names: string[]): Json => (record === null ? null : (Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name))) as Json));
const bare = (record: object | null): Json => without(record, 'id', 'createdAt', 'updatedAt');

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let all = '';
  for await (const chunk of bytes) all += decoder.decode(chunk, { stream: true });
  return all + decoder.decode();
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const allowed: Record<string, (ctx: Ctx, arg: string) => Promise<Json>> = {
  async db(ctx) {
    const first = await ctx.db.things.insert({ name: 'a', rank: 1, tags: ['x', 'y'], at: '2026-01-02T03:04:05.000Z' });
    await ctx.db.things.insertMany([{ name: 'b', rank: 2 }, { name: 'c', rank: 3 }, { name: 'd', rank: 4 }]);
    const page = await ctx.db.things.find({ where: { rank: { $gte: 1 } }, orderBy: [['rank', 'desc']], limit: 2 });
    const next = await ctx.db.things.find({ where: { rank: { $gte: 1 } }, orderBy: [['rank', 'desc']], limit: 2, cursor: page.nextCursor });
    const changed = await ctx.db.things.update(first.id, { rank: { $inc: 10 } });
    const many = await ctx.db.things.update({ name: { $in: ['b', 'c'] } }, { tags: ['z'] });
    const upserted = await ctx.db.things.upsert({ name: 'a', rank: 5 }, ['name']);
    const sums = await ctx.db.things.aggregate({ groupBy: [], count: true, sum: ['rank'], max: ['rank'] });
    const removed = await ctx.db.things.delete({ rank: { $lt: 3 } });
    return {
      first: bare(first),
      stamped: typeof first.id === 'string' && first.createdAt === first.updatedAt,
      page: page.items.map((item) => item.name),
      next: next.items.map((item) => item.name),
      end: next.nextCursor,
      changed: bare(changed),
      many,
      upserted: bare(upserted),
      sameRecord: upserted.id === first.id,
      sums,
      contains: (await ctx.db.things.find({ where: { tags: { $contains: ['z'] } } })).items.length,
      logic: (await ctx.db.things.find({ where: { $or: [{ name: { $like: 'c%' } }, { $not: { rank: { $gt: 1 } } }], $and: [{ at: { $exists: false } }] } })).items.map((item) => item.name),
      removed,
      left: await ctx.db.things.count(),
      gone: await ctx.db.things.get(first.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
      one: bare(await ctx.db.things.findOne({ name: 'd' })),
      deleted: [await ctx.db.things.delete(upserted.id), await ctx.db.things.delete(upserted.id)],
    };
  },
  async dbRefusals(ctx) {
    await ctx.db.things.insert({ name: 'twice', rank: 1 });
    return {
      unknownField: await refusal(() => ctx.db.things.find({ where: { nope: 1 } as never })),
      unknownOperator: await refusal(() => ctx.db.things.find({ where: { rank: { $where: '1=1' } } as never })),
      wrongType: await refusal(() => ctx.db.things.insert({ name: 1, rank: 1 } as never)),
      unique: await refusal(() => ctx.db.things.insert({ name: 'twice', rank: 2 })),
      cursor: await refusal(() => ctx.db.things.find({ cursor: 'forged' })),
      notJson: await refusal(() => ctx.db.things.insert({ name: () => 1, rank: 1 } as never)),
      bigint: await refusal(() => ctx.kv.set('k', 1n as never)),
    };
  },
  async transaction(ctx) {
    const committed = await ctx.db.transaction(async (tx) => {
      const thing = await tx.db.things.insert({ name: 'kept', rank: 1 });
      await tx.events.emit(`${ctx.plugin.id}.happened`, { what: 'kept' });
      await tx.auth.audit({ action: 'kept', target: thing.name });
      await tx.auth.audit({ action: 'kept-twice' });
      return thing.name;
    });
    const rolledBack = await refusal(() =>
      ctx.db.transaction(async (tx) => {
        await tx.db.things.insert({ name: 'lost', rank: 1 });
        await tx.events.emit(`${ctx.plugin.id}.happened`, { what: 'lost' });
        await tx.auth.audit({ action: 'lost' });
        throw Refused({ details: { why: 'on purpose' } });
      }),
    );
    const granted = 'http://127.0.0.1:18973/echo';
    const nested = await refusal(() => ctx.db.transaction(() => ctx.db.transaction(async () => 1)));
    const fetching = await refusal(() => ctx.db.transaction(() => ctx.fetch(granted)));
    const large = await refusal(() => ctx.db.transaction((tx) => tx.auth.audit({ action: 'large', details: { text: 'x'.repeat(20_000) } })));
    return { committed, rolledBack, large, nested, fetching, names: (await ctx.db.things.find({ orderBy: [['name', 'asc']] })).items.map((item) => item.name) };
  },
  async sql(ctx) {
    await ctx.db.things.insertMany([{ name: 'p', rank: 1 }, { name: 'q', rank: 2 }]);
    const least = 2;
    return {
      rows: (await ctx.sql`select name, rank from things where rank >= ${least} order by rank`) as Json,
      injected: await refusal(() => ctx.sql`select name from things where name = ${"' or 1=1 --"}`),
      setConfig: await refusal(() => ctx.sql`select set_config('app.tenant', 'x', true)`),
      two: await refusal(() => ctx.sql`select 1; select 2`),
    };
  },
  async kv(ctx) {
    await ctx.kv.set('a', { deep: [1, null, 'ü'] }, { ttlSeconds: 60 });
    return {
      value: await ctx.kv.get('a'),
      none: await ctx.kv.get('none'),
      counts: [await ctx.kv.increment('n'), await ctx.kv.increment('n', 4), await ctx.kv.increment('n', -2)],
      deleted: [await ctx.kv.delete('a'), await ctx.kv.delete('a')],
      longKey: await refusal(() => ctx.kv.get('k'.repeat(300))),
    };
  },
  async files(ctx) {
    async function* content() {
      for (let i = 0; i < 3; i++) yield new TextEncoder().encode(`part ${i};`);
    }
    const file = await ctx.files.write(content(), { mimeType: 'text/plain' });
    const handle = await ctx.files.share(file.id, { ttlSeconds: 60 });
    const kept = await ctx.files.keep(handle);
    const large = await ctx.files.write(new Uint8Array(600_000).fill(7));
    let bytes = 0;
    for await (const chunk of ctx.files.read(large.id)) bytes += chunk.length;
    const read = await text(ctx.files.read(file.id));
    const range = await text(ctx.files.read(handle, { start: 5, end: 9 }));
    await ctx.files.delete(file.id);
    return {
      file: without(file, 'id'),
      read,
      range,
      bytes,
      keptIsTheSame: kept.id === file.id,
      deleted: await refusal(() => ctx.files.stat(file.id)),
      forged: await refusal(() => ctx.files.stat(`${handle}x`)),
      foreign: await refusal(() => ctx.files.stat('0199a000-0000-7000-8000-000000000001')),
    };
  },
  async events(ctx) {
    const { id } = await ctx.events.emit(`${ctx.plugin.id}.happened`, { what: 'outside' });
    return { emitted: typeof id, undeclared: await refusal(() => ctx.events.emit(`${ctx.plugin.id}.never`, {})), invalid: await refusal(() => ctx.events.emit(`${ctx.plugin.id}.happened`, { what: 1 })), foreign: await refusal(() => ctx.events.emit('files.uploaded', {})) };
  },
  heard: async (ctx) => (await ctx.kv.get('heard')) ?? [],
  async hooks(ctx) {
    return { patched: await ctx.hooks.run(`${ctx.plugin.id}.before-thing`, { name: 'x' }), refused: await refusal(() => ctx.hooks.run(`${ctx.plugin.id}.before-thing`, { name: 'bad' })), foreign: await refusal(() => ctx.hooks.run('files.before-upload', { name: 'x' })) };
  },
  async jobs(ctx) {
    return { id: await ctx.jobs.send('work', { n: 20 }), unknown: await refusal(() => ctx.jobs.send('none', {})), invalid: await refusal(() => ctx.jobs.send('work', { n: 'x' })), outside: await refusal(() => ctx.jobs.progress(0.5)) };
  },
  jobStatus: async (ctx, id) => without(await ctx.jobs.status(id), 'id') as Json,
  async realtime(ctx) {
    await ctx.realtime.publish({ tenant: true }, 'conformance:ping', { n: 1 });
    return { system: await refusal(() => ctx.realtime.publish({ tenant: true }, 'system:alert', {})) };
  },
  async services(ctx) {
    return { said: await ctx.services.echo.say({ text: 'hi' }), invalid: await refusal(() => ctx.services.echo.say({ text: 1 } as never)), failing: await refusal(() => ctx.services.echo.say({ text: 'fail' })) };
  },
  async fetch(ctx, base) {
    const reply = await ctx.fetch(`${base}/echo`, { method: 'POST', body: 'ping', headers: { 'x-key': '{{secret:token}}' } });
    return {
      status: reply.status,
      body: await reply.json(),
      large: await refusal(async () => (await ctx.fetch(`${base}/large`, { maxBytes: 1000 })).text()),
      redirect: (await ctx.fetch(`${base}/redirect`)).status,
      toPrivate: await refusal(() => ctx.fetch(`${base}/redirect`, { redirects: 1 })),
      ungranted: await refusal(() => ctx.fetch('https://example.org/')),
      literal: await refusal(() => ctx.fetch('http://169.254.169.254/latest/meta-data')),
    };
  },
  async secrets(ctx) {
    const before = await ctx.secrets.has('note');
    await ctx.secrets.set('note', 'remember');
    await ctx.secrets.set('token', 's3cret');
    return { before, after: await ctx.secrets.has('note'), value: await ctx.secrets.get('note'), unreadable: await refusal(() => ctx.secrets.get('token')), undeclared: await refusal(() => ctx.secrets.get('nope')) };
  },
  async vault(ctx) {
    const sealed = await ctx.vault.seal('a text 😀', 'note 1');
    const hash = await ctx.vault.hashPassword('open sesame');
    return {
      opened: await ctx.vault.open(sealed, 'note 1'),
      clear: sealed.includes('text'),
      otherContext: await refusal(() => ctx.vault.open(sealed, 'note 2')),
      changed: await refusal(() => ctx.vault.open(`A${sealed}`, 'note 1')),
      tooLong: await refusal(() => ctx.vault.seal('x'.repeat(65_537), 'note 1')),
      noContext: await refusal(() => ctx.vault.seal('x', '')),
      hash: hash.length,
      matches: [await ctx.vault.verifyPassword('open sesame', hash), await ctx.vault.verifyPassword('open barley', hash), await ctx.vault.verifyPassword('open sesame', null), await ctx.vault.verifyPassword('x', 'x')],
      noPassword: await refusal(() => ctx.vault.hashPassword('')),
    };
  },
  async auth(ctx) {
    await ctx.auth.audit({ action: 'looked', target: 'thing', details: { n: 1 } });
    return {
      kind: ctx.auth.principal.kind,
      operator: ctx.auth.principal.operator,
      tenant: ctx.auth.tenantId.length,
      can: [await ctx.auth.can(`${ctx.plugin.id}:use`), await ctx.auth.can(`${ctx.plugin.id}:other`), await ctx.auth.can('nobody:nothing')],
      required: await refusal(() => ctx.auth.require(`${ctx.plugin.id}:other`)),
      link: (await ctx.links.sign({ purpose: 'visit', id: 'x' })).split('.').length,
      frozen: ctx.config,
    };
  },
  async platform(ctx) {
    ctx.log.info('hello', { n: 1 });
    ctx.metrics.count('things_total', 1, { kind: 'x' });
    const url = new URL('../b?q=1#h', 'https://user@example.com:8443/a/c/');
    const waited = await new Promise<string>((done) => setTimeout(() => done('timer'), 1));
    const key = new Uint8Array(32).fill(1);
    // The public key that belongs to that seed.
    const publicKey = Uint8Array.from('8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c'.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    const signature = ctx.crypto.ed25519Sign(key, 'message');
    return {
      url: [url.href, url.host, url.pathname, url.searchParams.get('q')],
      utf8: [...new TextEncoder().encode('ü€😀')],
      decoded: new TextDecoder().decode(new Uint8Array([195, 188])),
      base64: [btoa('hi'), atob('aGk=')],
      clone: structuredClone({ a: [1, { b: 2 }] }),
      waited,
      sha256: hex(ctx.crypto.hash('sha256', 'abc')),
      hmac: hex(ctx.crypto.hmac('sha256', 'key', 'The quick brown fox jumps over the lazy dog')),
      signature: hex(signature),
      verified: [ctx.crypto.ed25519Verify(publicKey, 'message', signature), ctx.crypto.ed25519Verify(publicKey, 'massage', signature), ctx.crypto.timingSafeEqual('a', 'a'), ctx.crypto.timingSafeEqual('a', 'b')],
      random: [ctx.random.bytes(8).length, ctx.random.uuid().length, ctx.random.number() < 1],
      clock: Math.abs(ctx.clock.now() - ctx.deadline) < 600_000,
      aborted: ctx.signal.aborted,
    };
  },
  ownError: async () => {
    throw Refused({ details: { n: 1 } });
  },
  notJson: async () => ({ when: new Date(0) }) as never,
  crash: async () => {
    throw new Error('secret path /etc/passwd');
  },
};

/** One use of each capability by a plugin that has none. Each must be refused by its name. */
export const denied: Record<string, (ctx: Context) => Promise<unknown>> = {
  'db:sql': (ctx) => ctx.sql`select 1`,
  'files:read': (ctx) => ctx.files.stat('0199a000-0000-7000-8000-000000000001'),
  'files:write': (ctx) => ctx.files.write(new Uint8Array(1)),
  jobs: (ctx) => ctx.jobs.send('work', {}),
  realtime: (ctx) => ctx.realtime.publish({ tenant: true }, 'a:b', {}),
  'events:emit:bystander.happened': (ctx) => ctx.events.emit('bystander.happened', {}),
  'net:GET https://example.com/': (ctx) => ctx.fetch('https://example.com/'),
};
