import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { defineError, DeadlineExceeded, Forbidden } from '@proofpix/sdk';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, request } from 'undici';

export const EgressFailed = defineError({ code: 'EGRESS_FAILED', kind: 'unavailable', message: 'The address could not be reached.' });
export const EgressTooLarge = defineError({ code: 'EGRESS_TOO_LARGE', kind: 'unavailable', message: 'The reply is larger than the call allows.' });

export interface EgressRequest {
  url: URL;
  method: string;
  body: Uint8Array | null;
  timeoutMs: number;
  maxBytes: number;
  redirects: number;
  signal: AbortSignal;
  /** Asked for the first address and for every redirect. @throws FORBIDDEN */
  permit(method: string, url: URL): void;
  /** Headers for one address: secrets go only to the hosts they are declared for. */
  headersFor(url: URL): Promise<Record<string, string>>;
}

export interface EgressReply {
  status: number;
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
  cancel(): Promise<void>;
}

export interface Egress {
  fetch(request: EgressRequest): Promise<EgressReply>;
  close(): Promise<void>;
}

/** Request headers that would let a plugin speak for the host or split the request. */
const forbiddenHeaders = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'proxy-authorization', 'proxy-connection', 'keep-alive', 'expect']);

/** All of IPv6 that is routed today (RFC 4291, section 2.4). Outside it lies, among others, ::127.0.0.1, which the list of special ranges leaves out. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

function isPublic(address: string): boolean {
  try {
    // process() turns IPv4-mapped IPv6 into IPv4, so ::ffff:127.0.0.1 is judged as loopback.
    const parsed = ipaddr.process(address);
    return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast));
  } catch {
    return false;
  }
}

const unbracket = (hostname: string): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);

/**
 * Outbound HTTP for plugins. The address that is connected to is the one that was checked: names
 * are resolved here and every resolved address must be public, unless host:port is on the
 * operator's list. Redirects are followed by hand, each checked like the first.
 */
export function openEgress({ allow }: { allow: readonly string[] }): Egress {
  const allowed = new Set(allow.map((entry) => entry.toLowerCase()));
  const isAllowed = (hostname: string, port: string): boolean => allowed.has(`${hostname}:${port}`.toLowerCase());

  const open = buildConnector({ timeout: 10_000 });
  const guarded = buildConnector({
    timeout: 10_000,
    lookup(hostname, options, callback) {
      dnsLookup(hostname, { ...options, all: true }, (error, found) => {
        const addresses = (error === null ? found : []) as LookupAddress[];
        if (error !== null) return callback(error, '', 4);
        const bad = addresses.find(({ address }) => !isPublic(address));
        const [first] = addresses;
        if (bad !== undefined || first === undefined) return callback(Object.assign(new Error('not a public address'), { code: 'EPRIVATE' }), '', 4);
        return options.all === true ? (callback as (error: null, addresses: LookupAddress[]) => void)(null, addresses) : callback(null, first.address, first.family);
      });
    },
  });
  const agent = new Agent({
    connections: 64,
    pipelining: 1,
    keepAliveTimeout: 5000,
    maxRedirections: 0,
    connect(options, callback) {
      const port = String(options.port === '' ? (options.protocol === 'https:' ? 443 : 80) : options.port);
      const hostname = unbracket(options.hostname);
      if (isAllowed(hostname, port)) return open(options, callback);
      // A custom lookup is never asked for a literal, so literals are judged here.
      if (ipaddr.isValid(hostname) && !isPublic(hostname)) return callback(Object.assign(new Error('not a public address'), { code: 'EPRIVATE' }), null);
      return guarded(options, callback);
    },
  } as ConstructorParameters<typeof Agent>[0]);

  function judge(url: URL): void {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw Forbidden({ message: 'Only http and https addresses can be fetched.' });
    if (url.username !== '' || url.password !== '') throw Forbidden({ message: 'Credentials in an address are not allowed; use a secret in a header.' });
    const hostname = unbracket(url.hostname);
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    if (ipaddr.isValid(hostname) && !isPublic(hostname) && !isAllowed(hostname, port)) throw privateAddress();
  }

  const privateAddress = () => Forbidden({ message: 'The address is not a public one.', details: { reason: 'private-address' } });

  async function once(init: EgressRequest, url: URL, method: string, body: Uint8Array | null, signal: AbortSignal) {
    const headers: Record<string, string> = { 'user-agent': 'ProofPix' };
    for (const [name, value] of Object.entries(await init.headersFor(url))) {
      const lower = name.toLowerCase();
      if (forbiddenHeaders.has(lower)) throw Forbidden({ message: `The header ${lower} is the host's own.` });
      headers[lower] = value;
    }
    try {
      return await request(url, { dispatcher: agent, method: method as 'GET', headers, body, signal, headersTimeout: init.timeoutMs, bodyTimeout: init.timeoutMs });
    } catch (error) {
      throw failure(error, signal);
    }
  }

  /** What a stranger does to a connection, at any time of the exchange, in terms that name no internals. */
  function failure(error: unknown, signal: AbortSignal): Error {
    if (signal.aborted) return DeadlineExceeded({ message: 'The address did not answer in time.', cause: error });
    const code = (error as { code?: string; cause?: { code?: string } }).code ?? (error as { cause?: { code?: string } }).cause?.code;
    return code === 'EPRIVATE' ? privateAddress() : EgressFailed({ details: { reason: code ?? 'unknown' }, cause: error });
  }

  async function* bounded(body: AsyncIterable<Uint8Array>, maxBytes: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let total = 0;
    try {
      for await (const chunk of body) {
        total += chunk.length;
        if (total > maxBytes) break;
        yield chunk;
      }
    } catch (error) {
      throw failure(error, signal);
    }
    if (total > maxBytes) throw EgressTooLarge({ details: { maxBytes } });
  }

  /** Makes room for the next request on the connection; a redirect's own body is nobody's. */
  async function discard(body: { dump(options: { limit: number; signal: AbortSignal }): Promise<void> }, signal: AbortSignal): Promise<void> {
    try {
      await body.dump({ limit: 65_536, signal });
    } catch (error) {
      throw failure(error, signal);
    }
  }

  return {
    async fetch(init) {
      const signal = AbortSignal.any([init.signal, AbortSignal.timeout(init.timeoutMs)]);
      let { url, method, body } = init;
      for (let left = init.redirects; ; left--) {
        judge(url);
        init.permit(method, url);
        const reply = await once(init, url, method, body, signal);
        const location = reply.headers['location'];
        if (left > 0 && reply.statusCode >= 301 && reply.statusCode <= 308 && reply.statusCode !== 304 && typeof location === 'string') {
          await discard(reply.body, signal);
          const next = URL.parse(location, url.href);
          if (next === null) throw EgressFailed({ message: 'The address redirects to what is no URL.', details: { reason: 'bad-redirect' } });
          url = next;
          // RFC 9110, section 15.4: 303, and 301/302 after POST, go on as GET.
          if (reply.statusCode === 303 || (reply.statusCode < 303 && method === 'POST')) {
            method = 'GET';
            body = null;
          }
          continue;
        }
        const headers = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
        return {
          status: reply.statusCode,
          headers,
          body: bounded(reply.body, init.maxBytes, signal),
          async cancel() {
            reply.body.destroy();
          },
        };
      }
    },
    close: () => agent.destroy(),
  };
}
