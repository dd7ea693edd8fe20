/* oxlint-disable eslint/no-extend-native, unicorn/no-thenable, unicorn/no-unnecessary-await -- doing what must not be done is the point */
import type { Context } from '@proofpix/sdk';

/**
 * The guest's half of the bridge joins its messages with a built-in that a plugin can replace, so
 * a plugin can say anything at all. These do.
 */
const join = Array.prototype.join;

async function saying(texts: readonly string[], ctx: Context): Promise<unknown> {
  let next = 0;
  Object.defineProperty(Array.prototype, 'join', {
    configurable: true,
    writable: true,
    value(this: unknown[], separator?: string) {
      return next < texts.length ? texts[next++] : Reflect.apply(join, this, [separator]);
    },
  });
  for (let i = 0; i < texts.length; i++) {
    ctx.log.info('anything');
    // Enough turns for the batch of this line to leave before the next is begun.
    for (let turn = 0; turn < 20; turn++) await null;
  }
  Object.defineProperty(Array.prototype, 'join', { configurable: true, writable: true, value: join });
  return 'still here';
}

function broken(): never {
  throw new Error('broken on purpose');
}

const everyCall = (answer: string): string => Array.from({ length: 5_000 }, (_, id) => `["r",${id},${answer}]`).join('\n');
const deep = '['.repeat(200_000);

export const forgeries = {
  nonsense: (ctx: Context) =>
    saying(['', '\n\n\n', 'no json', 'null', '5', '"r"', '[]', '[null]', '["r"]', '["r",{}]', '["r",-1,1]', '["r",1e99,1]', '["q",1]', '{"0":"r","1":1}', '["c",1]', '["c",1,-1,"kv.get",[]]', '["c",1,1,"__proto__",[]]', '["c",1,2,"constructor",{}]', '["c",1,3,"kv.get",{"length":9}]', '["p",1,1,1e20]', '["x",1,"many"]', '["n",1,"log"]', '["l"]', '["m",{}]', `["r",1,${deep}`, `["r",1,${deep}${']'.repeat(200_000)}]`, '["e",1]', '\u0000', '\ud800'], ctx),
  /** Answers for every call there may be, its own among them. */
  otherCalls: (ctx: Context) => saying([everyCall('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"forged":1}')], ctx),
  deepAnswer: (ctx: Context) => saying([everyCall('['.repeat(400) + ']'.repeat(400))], ctx),
  async built_ins(ctx: Context) {
    JSON.stringify = broken;
    JSON.parse = broken;
    Map.prototype.get = () => undefined;
    Map.prototype.delete = () => true;
    Array.prototype.push = () => 0;
    Promise.prototype.then = (() => undefined) as never;
    Object.defineProperty(globalThis, 'Promise', { value: undefined });
    Object.freeze(globalThis);
    ctx.log.info('after');
    return 'unseen';
  },
  async stray(ctx: Context) {
    const line = '["r",0,"nobody asked"]\n'.repeat(20_000);
    for (;;) await saying([line], ctx);
  },
  async notText(ctx: Context) {
    return await saying([{} as string, 5 as unknown as string, Symbol('x') as unknown as string], ctx);
  },
  async enormous(ctx: Context) {
    return await saying(['x'.repeat(100_000_000)], ctx);
  },
};
