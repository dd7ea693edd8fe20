import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import t from 'tap';
import { toWireError } from '@proofpix/sdk';
import { openEgress, type Egress, type EgressRequest } from '../../kernel/plugins/egress.ts';

/** Plugins reach public addresses only, however the address is written, and no receiver can hold a call. */

/** What each receiver was asked; a private one must never be. */
const reached: string[] = [];

async function receiver(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Any connection at all is a breach. */
const trap = createTcpServer((socket) => {
  reached.push(`${socket.localAddress}`);
  socket.destroy();
});
trap.listen(0, '::');
await once(trap, 'listening');
t.teardown(() => trap.close());
const trapPort = (trap.address() as AddressInfo).port;

/** Behaves as the path says. Only this one is on the operator's list. */
const openPort = await receiver((request, response) => {
  const url = new URL(request.url ?? '/', 'http://receiver');
  const to = url.searchParams.get('to');
  if (to !== null) return void response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: to.replaceAll(/[^\x20-\x7e]/g, encodeURIComponent) }).end();
  const write = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  };
  const behaviours: Record<string, () => void> = {
    '/hang': () => undefined,
    '/headers-then-nothing': () => void response.writeHead(200).write('first'),
    '/endless': () => {
      response.on('drain', write);
      write();
    },
    '/reset': () => void request.socket.resetAndDestroy(),
    '/reset-later': () => void response.writeHead(200, { 'content-length': 1000 }).write('x', () => request.socket.resetAndDestroy()),
    '/endless-redirect': () => {
      response.writeHead(302, { location: '/ok' });
      response.on('drain', write);
      write();
    },
    '/hanging-redirect': () => void response.writeHead(302, { location: '/ok' }).write('…'),
    '/large-headers': () => void response.writeHead(200, { 'x-large': 'x'.repeat(200_000) }).end(),
    '/echo-headers': () => void response.end(JSON.stringify(request.headers)),
  };
  const behave = behaviours[url.pathname] ?? (() => void response.end('ok'));
  behave();
});
const open = `http://127.0.0.1:${openPort}`;

const egress = openEgress({ allow: [`127.0.0.1:${openPort}`] });
t.teardown(() => egress.close());

function fetching(address: string, change: Partial<EgressRequest> = {}): ReturnType<Egress['fetch']> {
  return egress.fetch({ url: new URL(address), method: 'GET', body: null, timeoutMs: 5000, maxBytes: 1_048_576, redirects: 0, signal: new AbortController().signal, permit: () => undefined, headersFor: async () => ({}), ...change });
}

/** The whole of a call, its body included. */
async function outcome(address: string, change: Partial<EgressRequest> = {}): Promise<{ code: string; kind: string; body: string | null }> {
  try {
    const reply = await fetching(address, change);
    let body = '';
    for await (const chunk of reply.body) body += Buffer.from(chunk).toString();
    return { code: String(reply.status), kind: 'answered', body };
  } catch (error) {
    const { code, kind } = toWireError(error);
    return { code, kind, body: null };
  }
}

const privateHosts = [
  '127.0.0.1', '127.1', '0x7f000001', '0x7f.1', '2130706433', '0177.0.0.1', '017700000001', '127.255.255.254',
  '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[::]',
  '0.0.0.0', '0', '169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '[fc00::1]', '[fec0::1]',
  '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '100.127.255.255', '198.18.0.1', '192.0.0.1', '192.0.2.1', '224.0.0.1', '255.255.255.255', '240.0.0.1', '[ff02::1]', '[2001:db8::1]',
  '%31%32%37.0.0.1', '１２７.0.0.1', '127。0。0。1',
];
const privateNames = ['localhost', 'LOCALHOST', 'localhost.', ...(hostname() === '' ? [] : [hostname()])];

t.test('a private address is refused in every spelling', async (t) => {
  for (const host of privateHosts) {
    t.match(await outcome(`http://${host}:${trapPort}/`), { code: 'FORBIDDEN' }, host);
    t.match(await outcome(`${open}/?to=${encodeURIComponent(`http://${host}:${trapPort}/`)}`, { redirects: 1 }), { code: 'FORBIDDEN' }, `redirected to ${host}`);
  }
  t.strictSame(reached, [], 'nothing was connected to');
});

t.test('a name that resolves to a private address is refused, directly and by redirect', async (t) => {
  for (const name of privateNames) {
    t.match(await outcome(`http://${name}:${trapPort}/`), { body: null, code: /^(FORBIDDEN|EGRESS_FAILED)$/ }, name);
    t.match(await outcome(`${open}/?to=${encodeURIComponent(`http://${name}:${trapPort}/`)}`, { redirects: 1 }), { body: null, code: /^(FORBIDDEN|EGRESS_FAILED)$/ }, `redirected to ${name}`);
  }
  t.match(await outcome(`http://localhost:${trapPort}/`), { code: 'FORBIDDEN' });
  t.strictSame(reached, [], 'nothing was connected to');
});

t.test('the operator’s list is for exactly that host and port', async (t) => {
  t.match(await outcome(`${open}/`), { code: '200', body: 'ok' });
  t.match(await outcome(`http://127.0.0.1:${trapPort}/`), { code: 'FORBIDDEN' });
  t.match(await outcome(`http://localhost:${openPort}/`), { code: 'FORBIDDEN' }, 'another name for the same place');
  t.match(await outcome(`http://[::ffff:127.0.0.1]:${openPort}/`), { code: 'FORBIDDEN' });
});

t.test('an address cannot pretend to be another one', async (t) => {
  for (const address of [`http://example.com@127.0.0.1:${trapPort}/`, `http://user:pass@127.0.0.1:${openPort}/`, `http://127.0.0.1:${openPort}%40example.com@localhost:${trapPort}/`]) t.match(await outcome(address), { code: 'FORBIDDEN' }, address);
  t.match(await outcome(`${open}/?to=${encodeURIComponent(`http://u:p@127.0.0.1:${openPort}/`)}`, { redirects: 1 }), { code: 'FORBIDDEN' });
  t.match(await outcome(`http:\\\\127.0.0.1:${trapPort}\\@example.com/`), { code: 'FORBIDDEN' }, 'backslashes');
  for (const scheme of ['file:///etc/passwd', 'data:text/plain,x', 'ftp://example.com/', 'ws://example.com/', 'gopher://example.com/']) {
    t.match(await outcome(scheme), { code: 'FORBIDDEN' }, scheme);
    t.match(await outcome(`${open}/?to=${encodeURIComponent(scheme)}`, { redirects: 1 }), { code: 'FORBIDDEN' }, `redirected to ${scheme}`);
  }
  t.strictSame(reached, [], 'nothing was connected to');
});

t.test('every redirect is permitted like the first address, and there are only so many', async (t) => {
  const asked: string[] = [];
  const permit = (method: string, url: URL): void => void asked.push(`${method} ${url.pathname}`);
  t.match(await outcome(`${open}/?to=${encodeURIComponent('/second?to=/third&status=303')}`, { method: 'POST', body: Buffer.from('x'), redirects: 5, permit }), { code: '200' });
  t.strictSame(asked, ['POST /', 'GET /second', 'GET /third']);
  t.match(await outcome(`${open}/?to=/hang`, { redirects: 0 }), { code: '302' }, 'handed over when none may be followed');
  const loop = `${open}/?to=${encodeURIComponent(`${open}/?to=/`)}`;
  t.match(await outcome(`${open}/?to=${encodeURIComponent(loop)}`, { redirects: 2 }), { code: '302' }, 'the last one is handed over');
  for (const nonsense of ['http://', 'http://[::1', '//[', 'http://256.256.256.256/']) {
    const { code, kind } = await outcome(`${open}/?to=${encodeURIComponent(nonsense)}`, { redirects: 1 });
    t.not(kind, 'internal', `redirected to ${nonsense}: ${code}`);
    t.not(kind, 'answered');
  }
});

t.test('a plugin cannot speak for the host or split a request', async (t) => {
  for (const name of ['Host', 'host', 'Connection', 'Content-Length', 'Transfer-Encoding', 'Upgrade', 'Expect', 'Proxy-Authorization', 'TE']) {
    t.match(await outcome(`${open}/echo-headers`, { headersFor: async () => ({ [name]: 'x' }) }), { code: 'FORBIDDEN' }, name);
  }
  for (const value of ['a\r\nx-injected: 1', 'a\nb', 'a\0b']) {
    const { body } = await outcome(`${open}/echo-headers`, { headersFor: async () => ({ 'x-value': value }) });
    t.equal(body, null, 'control characters do not leave');
  }
});

t.test('a receiver that is slow, silent, endless or resets ends at its bound', { timeout: 30_000 }, async (t) => {
  const timeoutMs = 300;
  const bound = { timeoutMs, maxBytes: 100_000 };
  const expected: Record<string, string> = {
    '/hang': 'DEADLINE_EXCEEDED',
    '/headers-then-nothing': 'DEADLINE_EXCEEDED',
    '/endless': 'EGRESS_TOO_LARGE',
    '/reset': 'EGRESS_FAILED',
    '/reset-later': 'EGRESS_FAILED',
    '/large-headers': 'EGRESS_FAILED',
  };
  for (const [path, code] of Object.entries(expected)) {
    const from = performance.now();
    t.match(await outcome(`${open}${path}`, bound), { code, kind: 'unavailable' }, path);
    t.ok(performance.now() - from < timeoutMs + 2000, `${path} ended in time`);
  }
  for (const path of ['/endless-redirect', '/hanging-redirect']) {
    const from = performance.now();
    const { kind } = await outcome(`${open}${path}`, { ...bound, redirects: 1 });
    t.not(kind, 'internal', path);
    t.ok(performance.now() - from < timeoutMs + 2000, `${path} ended in time`);
  }
  t.match(await outcome(`${open}/`), { code: '200' }, 'afterwards others are still reached');
});

t.test('a call that ends takes its requests with it', async (t) => {
  const call = new AbortController();
  const pending = outcome(`${open}/hang`, { signal: call.signal });
  call.abort();
  t.match(await pending, { code: 'DEADLINE_EXCEEDED' });
  const body = new AbortController();
  const reply = await fetching(`${open}/headers-then-nothing`, { signal: body.signal });
  const reading = (async () => {
    for await (const chunk of reply.body) if (chunk.length > 0) body.abort();
  })();
  await t.rejects(reading, { code: 'DEADLINE_EXCEEDED' });
});
