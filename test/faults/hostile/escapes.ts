/* oxlint-disable eslint/no-extend-native, eslint/no-new, unicorn/consistent-function-scoping -- doing what must not be done is the point */
/** Ways out of an isolate: each answers with what it found; an empty list is the wall holding. */

type Maker = (code: string) => () => unknown;

/** What a function's own realm can see of a process. */
function reach(fn: unknown): string[] {
  const found: string[] = [];
  for (const code of ['typeof process', 'typeof require', 'typeof module', 'typeof Buffer', 'typeof __bridge', 'typeof globalThis.process']) {
    try {
      const make = (fn as { constructor: Maker }).constructor;
      const type = make(`return ${code}`)();
      // An async function's or a generator's constructor answers with a wrapper.
      if (typeof type === 'string' && type !== 'undefined') found.push(`${code} is ${String(type)}`);
    } catch {
      // A refusal is as good.
    }
  }
  return found;
}

const described = (value: unknown): string => {
  try {
    return String(value).slice(0, 80);
  } catch {
    return 'unprintable';
  }
};

export const escapes = {
  async constructors(): Promise<string[]> {
    const seeds = [Object, Function, async () => undefined, function* generator() {}, Error, Promise, URL, TextEncoder, setTimeout, structuredClone, JSON.parse];
    return seeds.flatMap(reach);
  },
  async globals(): Promise<string[]> {
    return Object.getOwnPropertyNames(globalThis).filter((name) => /^(process|require|module|global|Buffer|__bridge|__receive|_ivm|ivm|\$\d|WebAssembly|SharedArrayBuffer|Atomics)$/.test(name));
  },
  /** Call sites hand out the functions and receivers on the stack to whoever formats it. */
  async callSites(): Promise<string[]> {
    const found: string[] = [];
    const errors = Error as unknown as { prepareStackTrace?: unknown };
    const inspect = (_error: unknown, sites: { getFunction?(): unknown; getThis?(): unknown; getFileName?(): unknown }[]): string[] => {
      for (const site of sites) {
        for (const value of [site.getFunction?.(), site.getThis?.()]) if (value !== undefined && value !== null) found.push(...reach(value));
        const file = site.getFileName?.();
        if (typeof file === 'string' && /[/\\]/.test(file)) found.push(`path ${file}`);
      }
      return [];
    };
    errors.prepareStackTrace = inspect;
    try {
      void new Error('here').stack;
      // Recursion until the stack ends throws an error made by the engine, in whatever realm.
      const deeper = (): unknown => deeper();
      try {
        deeper();
      } catch (error) {
        found.push(...reach(error), ...reach((error as Error).constructor));
        void (error as Error).stack;
      }
    } finally {
      delete errors.prepareStackTrace;
    }
    return found;
  },
  /** The functions behind the bridge are called by code whose built-ins can be replaced: catch them in the act. */
  async stolenBridge(): Promise<string[]> {
    const found: string[] = [];
    const stolen = new Set<unknown>();
    const keep = (value: unknown): void => {
      if (typeof value === 'function') stolen.add(value);
    };
    const names = ['call', 'apply', 'bind'] as const;
    const originals = names.map((name) => Function.prototype[name] as (...args: unknown[]) => unknown);
    for (const [i, name] of names.entries()) {
      const original = originals[i] as (...args: unknown[]) => unknown;
      Object.defineProperty(Function.prototype, name, {
        configurable: true,
        writable: true,
        value(this: unknown, ...args: unknown[]) {
          keep(this);
          for (const arg of args) keep(arg);
          return Reflect.apply(original, this, args);
        },
      });
    }
    try {
      void new URL('https://example.org/').href;
      setTimeout(() => undefined, 1);
      await Promise.resolve();
    } finally {
      for (const [i, name] of names.entries()) Object.defineProperty(Function.prototype, name, { configurable: true, writable: true, value: originals[i] });
    }
    for (const fn of stolen) found.push(...reach(fn));
    return found;
  },
  /** An error that the host made must show nothing of it. */
  async hostErrors(ctx: { kv: { get(key: string): Promise<unknown> } }): Promise<string[]> {
    const found: string[] = [];
    const look = (error: unknown): void => {
      const { stack, message, cause } = error as { stack?: string; message?: string; cause?: unknown };
      const text = `${String(stack)}\n${String(message)}`;
      if (/node:|file:|\/[a-z]+\/[a-z]+\.|\bkernel\b|\[stdin\]|secret/.test(text)) found.push(text);
      if (cause !== undefined) found.push(`cause ${described(cause)}`);
      found.push(...reach(error), ...reach((error as Error).constructor));
    };
    await ctx.kv.get('fail').catch(look);
    try {
      new URL('not a url');
    } catch (error) {
      look(error);
    }
    const crypto = (ctx as unknown as { crypto: { hash(name: string, data: string): unknown } }).crypto;
    try {
      crypto.hash('none', 'x');
    } catch (error) {
      look(error);
    }
    return found;
  },
  async imports(): Promise<string[]> {
    const found: string[] = [];
    for (const name of ['node:fs', 'fs', 'node:process', 'isolated-vm', 'data:text/javascript,export default 1', './plugin.js']) {
      const load = Function('name', 'return import(name)') as (name: string) => Promise<unknown>;
      try {
        found.push(`${name} gave ${described(await load(name))}`);
      } catch {
        // Refused, as it should be.
      }
    }
    return found;
  },
};
