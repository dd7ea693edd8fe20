import type { Collection, CollectionSchemas, Context, Crypto, FetchInit, Jobs, JobStatus, TransactionContext } from '../context.ts';
import { Conflict, Forbidden } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Plugin } from '../define-plugin.ts';
import { checkJson } from './check-json.ts';
import { toBase64, toBytes } from './encoding.ts';
import type { CallInfo, HostCallName, HostPort, Primitives } from './port.ts';
import { seededRandom } from './random.ts';
import { scratchOver } from './scratch.ts';
import { filesOver, readStream } from './streams.ts';

type Call = (name: HostCallName, args: readonly unknown[]) => Promise<Json>;

/** Operations of a collection that are one host call with the collection's name first. */
function collectionOver(call: Call, name: string, tx: string | null): Collection<JsonObject> {
  const op = (operation: string) => async (...args: unknown[]) => (await call(`db.${operation}` as HostCallName, [tx, name, ...args])) as never;
  return {
    find: (query) => op('find')(query ?? {}),
    findOne: op('findOne'),
    get: op('get'),
    count: (where) => op('count')(where ?? {}),
    insert: op('insert'),
    insertMany: op('insertMany'),
    update: op('update'),
    upsert: op('upsert'),
    delete: op('delete'),
    aggregate: op('aggregate'),
  } as Collection<JsonObject>;
}

function collectionsOver(call: Call, names: readonly string[], tx: string | null): Record<string, Collection<JsonObject>> {
  return Object.fromEntries(names.map((name) => [name, collectionOver(call, name, tx)]));
}

function sqlOver(call: Call, tx: string | null): Context['sql'] {
  return async (strings, ...values) => (await call('sql.query', [tx, [...strings], values])) as never;
}

function jobsOver(call: Call, tx: string | null): Jobs {
  return {
    send: async (name, data, options) => (await call('jobs.send', [tx, name, data, options ?? {}])) as string,
    status: async (id) => (await call('jobs.status', [id])) as unknown as JobStatus | null,
    cancel: async (id) => (await call('jobs.cancel', [id])) as boolean,
    async progress(fraction, note) {
      await call('jobs.progress', [fraction, note ?? null]);
    },
  };
}

function cryptoOver(primitives: Primitives): Crypto {
  return {
    hash: (algorithm, data) => primitives.hash(algorithm, toBytes(data)),
    hmac: (algorithm, key, data) => primitives.hmac(algorithm, toBytes(key), toBytes(data)),
    ed25519Sign: (privateKey, data) => primitives.ed25519Sign(privateKey, toBytes(data)),
    ed25519Verify: (publicKey, data, signature) => primitives.ed25519Verify(publicKey, toBytes(data), signature),
    timingSafeEqual(a, b) {
      const left = toBytes(a);
      const right = toBytes(b);
      if (left.length !== right.length) return false;
      let difference = 0;
      for (let i = 0; i < left.length; i++) difference |= (left[i] as number) ^ (right[i] as number);
      return difference === 0;
    },
  };
}

function fetchOver(call: Call, port: HostPort): Context['fetch'] {
  return async (url, init: FetchInit = {}) => {
    const body = init.body === undefined ? null : toBase64(toBytes(init.body));
    const { body: _, ...options } = init;
    const head = (await call('fetch.open', [url, { ...options, bodyBase64: body }])) as { status: number; headers: Record<string, string>; stream: number };
    const stream = readStream(port, async () => head.stream);
    const read = async (): Promise<string> => {
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
      return text + decoder.decode();
    };
    return { status: head.status, headers: head.headers, body: stream, text: read, json: async () => JSON.parse(await read()) as Json };
  };
}

/** What the parts of one call's `ctx` are made of. */
interface Material {
  plugin: Plugin;
  info: CallInfo;
  port: HostPort;
  primitives: Primitives;
  call: Call;
  /** Names of the plugin's collections. */
  names: readonly string[];
}

function auditOver(call: Call, tx: string | null): Context['auth']['audit'] {
  return async (entry) => void (await call('auth.audit', tx === null ? [entry] : [entry, tx]));
}

function emitter(call: Call, tx: string | null): Context['events'] {
  return { emit: async (name, payload) => (await call('events.emit', [tx, name, payload])) as { id: string } };
}

function dbOver({ call, names }: Material): Context['db'] {
  let open = false;

  async function transaction<T>(fn: (tx: TransactionContext<CollectionSchemas>) => Promise<T>): Promise<T> {
    if (open) throw Conflict({ message: 'Transactions do not nest.' });
    open = true;
    try {
      const tx = (await call('db.begin', [])) as string;
      let result: T;
      try {
        result = await fn({ db: collectionsOver(call, names, tx) as TransactionContext<CollectionSchemas>['db'], sql: sqlOver(call, tx), events: emitter(call, tx), jobs: jobsOver(call, tx), auth: { audit: auditOver(call, tx) } });
      } catch (error) {
        await call('db.rollback', [tx]).catch(() => undefined);
        throw error;
      }
      await call('db.commit', [tx]);
      return result;
    } finally {
      open = false;
    }
  }

  return Object.assign(collectionsOver(call, names, null), { transaction }) as unknown as Context['db'];
}

function servicesOver({ call, plugin }: Material): Context['services'] {
  const services: Record<string, unknown> = {};
  for (const [name, ref] of Object.entries(plugin.services)) {
    const hostCall = ref.confined === true ? 'services.callConfined' : 'services.call';
    services[name] = Object.fromEntries(Object.keys(ref.methods).map((method) => [method, (input: Json) => call(hostCall, [ref.id, ref.version, method, input])]));
  }
  return services as Context['services'];
}

function authOver({ call, info }: Material): Context['auth'] {
  const can: Context['auth']['can'] = async (permission, resource) => (await call('auth.can', [permission, resource ?? {}])) as boolean;
  return {
    tenantId: info.tenantId,
    principal: info.principal,
    link: info.link,
    can,
    async require(permission, resource) {
      if (!(await can(permission, resource))) throw Forbidden({ message: `The permission ${permission} is required.`, details: { permission } });
    },
    audit: auditOver(call, null),
  };
}

function notify({ port }: Material, name: 'log' | 'metric', args: readonly unknown[]): void {
  checkJson(args, name);
  port.notify(name, args);
}

function logOver(material: Material): Context['log'] {
  const log = (level: string) => (message: string, fields?: JsonObject) => notify(material, 'log', [level, message, fields ?? {}]);
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

function metricsOver(material: Material): Context['metrics'] {
  const metric = (kind: string) => (name: string, value: number, labels?: Record<string, string>) => notify(material, 'metric', [kind, name, value, labels ?? {}]);
  const count = metric('count');
  return { count: (name, by, labels) => count(name, by ?? 1, labels), gauge: metric('gauge'), observe: metric('observe') };
}

/** How each part of `ctx` is made. */
const parts: { readonly [Part in keyof Context]: (material: Material) => Context[Part] } = {
  plugin: ({ info }) => info.plugin,
  traceId: ({ info }) => info.traceId,
  deadline: ({ info }) => info.deadline,
  confined: ({ info }) => info.confined === true,
  signal: ({ port }) => ({
    get aborted() {
      return port.aborted();
    },
  }),
  db: dbOver,
  sql: ({ call }) => sqlOver(call, null),
  kv: ({ call }) => ({
    get: async (key) => (await call('kv.get', [key])) as never,
    set: async (key, value, options) => void (await call('kv.set', [key, value, options ?? {}])),
    delete: async (key) => (await call('kv.delete', [key])) as boolean,
    increment: async (key, by = 1, options) => (await call('kv.increment', [key, by, options ?? {}])) as number,
  }),
  files: ({ port }) => filesOver(port),
  scratch: ({ port }) => scratchOver(port),
  events: ({ call }) => emitter(call, null),
  hooks: ({ call }) => ({ run: async (point, payload) => (await call('hooks.run', [point, payload])) as never }),
  jobs: ({ call }) => jobsOver(call, null),
  realtime: ({ call }) => ({ publish: async (target, event, data) => void (await call('realtime.publish', [target, event, data])) }),
  services: servicesOver,
  fetch: ({ call, port }) => fetchOver(call, port),
  secrets: ({ call }) => ({
    has: async (name) => (await call('secrets.has', [name])) as boolean,
    get: async (name) => (await call('secrets.get', [name])) as string | null,
    set: async (name, value) => void (await call('secrets.set', [name, value])),
  }),
  vault: ({ call }) => ({
    seal: async (plain, context) => (await call('vault.seal', [plain, context])) as string,
    open: async (sealed, context) => (await call('vault.open', [sealed, context])) as string,
    hashPassword: async (password) => (await call('vault.hashPassword', [password])) as string,
    verifyPassword: async (password, hash) => (await call('vault.verifyPassword', [password, hash])) as boolean,
  }),
  config: ({ info }) => info.config,
  settings: ({ info }) => info.settings,
  auth: authOver,
  links: ({ call }) => ({ sign: async (link) => (await call('links.sign', [link])) as string }),
  log: logOver,
  metrics: metricsOver,
  clock: ({ port }) => ({ now: () => port.now(), date: () => new Date(port.now()) }),
  random: ({ info, primitives }) => seededRandom(info.seed, primitives),
  crypto: ({ primitives }) => cryptoOver(primitives),
};

/** A `ctx` whose parts are made when first used: a handler uses few of them, and making all cost more than most calls. */
class CallContext {
  readonly #material: Material;

  constructor(material: Material) {
    this.#material = material;
  }

  static {
    for (const [name, make] of Object.entries(parts)) {
      Object.defineProperty(this.prototype, name, {
        get(this: CallContext): unknown {
          const value: unknown = make(this.#material);
          Object.defineProperty(this, name, { value, enumerable: true });
          return value;
        },
        enumerable: true,
      });
    }
  }
}

/** Builds `ctx` for one call. The same code in both runtimes; only the port and the primitives differ. */
export function createContext(plugin: Plugin, info: CallInfo, port: HostPort, primitives: Primitives): Context {
  const call: Call = async (name, args) => {
    checkJson(args, name);
    return port.call(name, args);
  };
  return new CallContext({ plugin, info, port, primitives, call, names: Object.keys(plugin.manifest.collections) }) as unknown as Context;
}
