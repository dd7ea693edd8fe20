import { bridge, fromJson, install } from './bridge.ts';

/** `URL` and `URLSearchParams` (https://url.spec.whatwg.org): parsing is Node's own, on the other side of the bridge. */

type Pair = [string, string];

function decode(text: string): string {
  const bytes: number[] = [];
  const source = new TextEncoder().encode(text.replaceAll('+', ' '));
  for (let i = 0; i < source.length; i++) {
    const hex = source[i] === 37 ? String.fromCharCode(source[i + 1] ?? 0, source[i + 2] ?? 0) : '';
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    } else bytes.push(source[i] as number);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes));
}

function encode(text: string): string {
  let out = '';
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    if (byte === 32) out += '+';
    else out += /[A-Za-z0-9*\-._]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function pairsOf(query: string): Pair[] {
  const pairs: Pair[] = [];
  for (const part of query.replace(/^\?/, '').split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    pairs.push(at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]);
  }
  return pairs;
}

type Init = string | Iterable<readonly [string, string]> | Record<string, string>;

class URLSearchParams {
  #pairs: Pair[];
  #changed: () => void = () => undefined;

  constructor(init: Init = '') {
    if (typeof init === 'string') this.#pairs = pairsOf(init);
    else if (Symbol.iterator in Object(init)) this.#pairs = Array.from(init as Iterable<readonly [string, string]>, ([name, value]) => [String(name), String(value)]);
    else this.#pairs = Object.entries(init as Record<string, string>).map(([name, value]) => [name, String(value)]);
  }

  /** Ties the list to a URL. */
  static of(query: string, changed: () => void): URLSearchParams {
    const params = new URLSearchParams(query);
    params.#changed = changed;
    return params;
  }

  static reset(params: URLSearchParams, query: string): void {
    params.#pairs = pairsOf(query);
  }

  get size(): number {
    return this.#pairs.length;
  }
  get(name: string): string | null {
    return this.#pairs.find(([key]) => key === String(name))?.[1] ?? null;
  }
  getAll(name: string): string[] {
    return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value);
  }
  has(name: string, value?: string): boolean {
    return this.#pairs.some(([key, held]) => key === String(name) && (value === undefined || held === String(value)));
  }
  append(name: string, value: string): void {
    this.#pairs.push([String(name), String(value)]);
    this.#changed();
  }
  set(name: string, value: string): void {
    const first = this.#pairs.findIndex(([key]) => key === String(name));
    if (first < 0) this.#pairs.push([String(name), String(value)]);
    else this.#pairs = this.#pairs.filter(([key], i) => key !== String(name) || i === first).map((pair, i) => (i === first ? [pair[0], String(value)] : pair));
    this.#changed();
  }
  delete(name: string, value?: string): void {
    this.#pairs = this.#pairs.filter(([key, held]) => key !== String(name) || (value !== undefined && held !== String(value)));
    this.#changed();
  }
  sort(): void {
    this.#pairs = this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#changed();
  }
  forEach(run: (value: string, name: string, params: URLSearchParams) => void): void {
    for (const [name, value] of this.#pairs) run(value, name, this);
  }
  *entries(): Generator<Pair> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }
  *keys(): Generator<string> {
    for (const [name] of this.#pairs) yield name;
  }
  *values(): Generator<string> {
    for (const [, value] of this.#pairs) yield value;
  }
  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }
  toString(): string {
    return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  }
}

// The ways into the private parts are for this module alone.
const { of, reset } = URLSearchParams;
for (const own of ['of', 'reset']) delete (URLSearchParams as unknown as Record<string, unknown>)[own];

const names = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

class URL {
  #parts: string[];
  readonly searchParams: URLSearchParams;

  constructor(href: string | URL, base?: string | URL) {
    const found = bridge.url(String(href), base === undefined ? undefined : String(base));
    if (found === null) throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: String(href) });
    this.#parts = fromJson(found) as string[];
    this.searchParams = of(this.#parts[9] as string, () => {
      const query = this.searchParams.toString();
      this.#set('search', query, false);
    });
  }

  static canParse(href: string, base?: string): boolean {
    return bridge.url(String(href), base === undefined ? undefined : String(base)) !== null;
  }

  static parse(href: string, base?: string): URL | null {
    return URL.canParse(href, base) ? new URL(href, base) : null;
  }

  static part(url: URL, index: number): string {
    return url.#parts[index] as string;
  }

  static set(url: URL, name: string, value: string): void {
    url.#set(name, value, true);
  }

  #set(name: string, value: string, parameters: boolean): void {
    const found = bridge.url(this.#parts[0] as string, undefined, name, value);
    if (found === null) throw new TypeError('Invalid URL');
    this.#parts = fromJson(found) as string[];
    if (parameters) reset(this.searchParams, this.#parts[9] as string);
  }

  toString(): string {
    return this.#parts[0] as string;
  }
  toJSON(): string {
    return this.#parts[0] as string;
  }
}

const { part, set } = URL;
for (const [index, name] of names.entries()) {
  Object.defineProperty(URL.prototype, name, {
    get(this: URL) {
      return part(this, index);
    },
    ...(name === 'origin' ? {} : { set(this: URL, value: unknown) { set(this, name, String(value)); } }),
    enumerable: true,
    configurable: true,
  });
}
for (const own of ['part', 'set']) delete (URL as unknown as Record<string, unknown>)[own];

install({ URL, URLSearchParams });
