/* oxlint-disable unicorn/no-unnecessary-await -- doing what must not be done is the point */
import { defineService, definePlugin, pluginKit, Type, type Context, type Json } from '@proofpix/sdk';
import { escapes } from './escapes.ts';
import { forgeries } from './forgeries.ts';

/** A plugin that means harm: one method for each way. Each takes and gives anything. */
type Attack = (ctx: Context, input: Json) => Promise<unknown>;

const scope = globalThis as unknown as Record<string, unknown>;

const attacks: Record<string, Attack> = {
  ok: async (_ctx, input) => input,
  kv: async (ctx, input) => await ctx.kv.get(String(input)),
  /** Not caught by a timeout of the call that enters the isolate. */
  async loop() {
    for (;;);
  },
  async loopAfterAwait(ctx) {
    await ctx.kv.get('a');
    for (;;);
  },
  async promiseChain() {
    for (;;) await null;
  },
  async timerChain() {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const until = Date.now() + 20;
      while (Date.now() < until);
    }
  },
  regex: async () => /^(a+)+$/.test(`${'a'.repeat(60)}b`),
  strings: async () => 'x'.repeat(2 ** 28).split('').length,
  async arrays() {
    const held: number[][] = [];
    for (;;) held.push(Array.from({ length: 100_000 }, (_, i) => i));
  },
  async typedArrays() {
    const held: Uint8Array[] = [];
    for (;;) held.push(new Uint8Array(16_777_216).fill(1));
  },
  async webAssembly() {
    const engine = (scope['WebAssembly'] ?? Function('return typeof WebAssembly === "undefined" ? undefined : WebAssembly')()) as { Memory: new (init: object) => unknown } | undefined;
    if (engine === undefined) return 'none';
    const held: unknown[] = [];
    for (;;) held.push(new engine.Memory({ initial: 1_000 }));
  },
  async bigInt() {
    let value = 3n;
    for (;;) value *= value;
  },
  async bigIntText() {
    return (2n ** 20_000_000n).toString().length;
  },
  async fill() {
    for (;;) Array(2 ** 25).fill(1.5).sort();
  },
  async hugeFill() {
    return Array(2 ** 32 - 1).fill(0).length;
  },
  async recursion() {
    const deeper = (n: number): number => deeper(n + 1) + 1;
    return deeper(0);
  },
  async recursionThroughProxy() {
    const proxy: object = new Proxy({}, { get: (_target, _name, receiver: object) => Reflect.get(receiver, 'x') as unknown });
    return Reflect.get(proxy, 'x') as unknown;
  },
  async deepResult() {
    let value: unknown = 1;
    for (let i = 0; i < 100_000; i++) value = [value];
    return value;
  },
  prototypeResult: async () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"kept":{"__proto__":{"polluted":true},"a":1}}') as Json,
  async prototypeCall(ctx) {
    return await ctx.kv.set('a', JSON.parse('{"__proto__":{"polluted":true},"kept":1}') as Json);
  },
  seesPrototype: async (_ctx, input) => Object.getOwnPropertyNames(input as object),
  async largeResult() {
    return 'x'.repeat(4_000_000);
  },
  async hugeResult() {
    return 'x'.repeat(15_000_000);
  },
  async largeCall(ctx) {
    return await ctx.kv.set('a', 'x'.repeat(4_000_000));
  },
  async callsInSequence(ctx) {
    for (;;) await ctx.kv.get('a');
  },
  async callsAtOnce(ctx) {
    await Promise.all(Array.from({ length: 3_000 }, () => ctx.kv.get('a')));
  },
  async callsWithoutEnd(ctx) {
    for (;;) void ctx.kv.get('a');
  },
  async pullsAtOnce(ctx) {
    await Promise.all(Array.from({ length: 3_000 }, () => ctx.files.read('a')[Symbol.asyncIterator]().next()));
  },
  async logs(ctx) {
    for (let i = 0; i < 20_000; i++) ctx.log.info('a line of a flood');
    return 'done';
  },
  async console() {
    const { console: out } = scope as { console: { log(text: string): void } };
    for (let i = 0; i < 5_000; i++) out.log('another line');
    return 'done';
  },
  async timers() {
    for (;;) setTimeout(() => undefined, 1);
  },
  throwingGetter: async () => ({
    get a() {
      throw new Error('from a getter');
    },
  }),
  async throwsThrower() {
    throw {
      get code() {
        throw new Error('code');
      },
      get stack() {
        throw new Error('stack');
      },
      toString() {
        throw new Error('text');
      },
    };
  },
  async throwsProxy() {
    throw new Proxy(
      {},
      {
        get() {
          throw new Error('trap');
        },
        getPrototypeOf() {
          throw new Error('trap');
        },
      },
    );
  },
  async throwsNull() {
    throw null;
  },
  async throwsLies() {
    throw { code: 'lower case', kind: 'none', message: 5, details: 'x' };
  },
  async throwsHuge() {
    throw { code: 'HUGE', kind: 'conflict', message: 'x'.repeat(100_000), details: { a: 'x'.repeat(100_000) } };
  },
  cyclic: async () => {
    const value: { self?: unknown } = {};
    value.self = value;
    return value;
  },
  never: () => new Promise(() => undefined),
  async neverButBusy() {
    setInterval(() => undefined, 1);
    return await new Promise(() => undefined);
  },
  async unhandled() {
    void Promise.reject(new Error('nobody awaits this'));
    return 'done';
  },
  ...escapes,
  ...forgeries,
};

const method = { input: Type.Unknown(), output: Type.Unknown() };
const Hostile = defineService({ id: 'hostile.run', version: '1.0.0', methods: Object.fromEntries(Object.keys(attacks).map((name) => [name, method])) });

export default definePlugin({
  id: 'hostile',
  version: '1.0.0',
  title: 'Hostile',
  description: 'Attacks its host in every way that is known to have worked somewhere.',
  parts: [pluginKit().provide(Hostile, attacks as never)],
});
