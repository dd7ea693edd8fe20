import { createServer } from 'node:net';
import t from 'tap';
import { recordingLog } from '../fixtures/calls.ts';
import { prepareLaunch } from './launch.ts';
import { spawnRunner } from './runner-process.ts';

/** Runs after the real runner has started, in the same process, and tells what it can do. */
const probe = (port: number, addon: string): string => `
{
  const { Socket: Outbound } = require('node:net');
  const fs = require('node:fs');
  const tried = { env: Object.keys(process.env), uid: process.getuid?.() ?? null };
  const attempt = (name, run) => { try { tried[name] = 'did: ' + String(run()).slice(0, 60); } catch (error) { tried[name] = error.code ?? error.message; } };
  attempt('readPasswd', () => fs.readFileSync('/etc/passwd', 'utf8'));
  attempt('readSelf', () => fs.readFileSync('/proc/self/environ', 'utf8'));
  attempt('readAddon', () => fs.readFileSync(${JSON.stringify(addon)}).length);
  attempt('list', () => fs.readdirSync('/'));
  attempt('write', () => fs.writeFileSync('/tmp/sandbox-probe', 'x'));
  attempt('spawn', () => require('node:child_process').spawnSync('true').status);
  attempt('worker', () => new (require('node:worker_threads').Worker)('1', { eval: true }).threadId);
  attempt('native', () => process.dlopen({ exports: {} }, ${JSON.stringify(addon)}));
  attempt('wasi', () => new (require('node:wasi').WASI)({ version: 'preview1' }));
  attempt('signal', () => process.kill(process.ppid, 0));
  const done = () => process.stderr.write(JSON.stringify(tried) + '\\n');
  try {
    const socket = new Outbound();
    socket.on('error', (error) => { tried.connect = error.code; done(); });
    socket.on('connect', () => { tried.connect = 'did: connect'; done(); });
    socket.connect(${port}, '127.0.0.1');
  } catch (error) { tried.connect = error.code; done(); }
}
`;

t.test('a runner has no environment, files, network, processes, threads or native code', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const exited = Promise.withResolvers<void>();
  const launch = prepareLaunch();
  const told = Promise.withResolvers<Record<string, unknown>>();
  let heard = '';
  const log = {
    ...recordingLog(),
    warn({ output = '' }: { output?: string }) {
      // Node warns of what the probe tries, in the same breath or another.
      heard += output;
      const line = /^(\{.*\})\n/m.exec(heard)?.[1];
      if (line !== undefined) told.resolve(JSON.parse(line) as Record<string, unknown>);
    },
  };
  const runner = spawnRunner({
    launch: { ...launch, source: launch.source + probe(port, launch.addon) },
    log,
    onFrame: () => undefined,
    onExit() {
      told.reject(new Error('it ended'));
      exited.resolve();
    },
    prepare: () => undefined,
  });
  const tried = await told.promise;
  t.strictSame(tried['env'], []);
  for (const name of ['readPasswd', 'readSelf', 'readAddon', 'list', 'write', 'spawn', 'worker', 'native', 'wasi', 'connect']) t.equal(tried[name], 'ERR_ACCESS_DENIED', name);
  if (launch.user !== null) {
    t.equal(tried['uid'], launch.user.uid);
    t.equal(tried['signal'], 'EPERM');
  }
  t.ok(runner.residentBytes() > 10_000_000);
  runner.kill();
  await exited.promise;
  t.equal(runner.alive, false);
  server.close();
});

t.test('a runner that breaks the protocol is killed', async (t) => {
  const log = recordingLog();
  const cause = await new Promise<{ signal: string | null }>((resolve) => {
    spawnRunner({ launch: { ...prepareLaunch(), source: "new (require('node:net').Socket)({ fd: 3 }).write(Buffer.alloc(64, 255)); setInterval(() => {}, 1000);" }, log, onFrame: () => t.fail('no frame'), onExit: resolve, prepare: () => undefined });
  });
  t.equal(cause.signal, 'SIGKILL');
  t.match(log.lines, [{ level: 'error', message: 'a sandbox process broke the protocol' }]);
});
