import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/messaging.ts';

/** A server process that writes down all it says. */
export interface ObservedServer {
  url: string;
  /** Everything on standard output and error so far. */
  said(): Buffer;
  kill(): Promise<void>;
  terminate(): Promise<number | null>;
}

const program = fileURLToPath(new URL('../crash/node.ts', import.meta.url));

/** Boots on an embedded database below `dataDir`, as loud as it can be, with temporary files in `tmpDir`. */
export async function startObserved(dataDir: string, tmpDir: string): Promise<ObservedServer> {
  const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], TMPDIR: tmpDir, DATA_DIR: dataDir, PORT: '0', BCRYPT_COST: '4', SANDBOX_CHILDREN: '1', RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'debug' };
  const child = spawn(process.execPath, ['--no-node-snapshot', program], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const exited = once(child, 'exit');
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => parts.push(chunk));
  const said = (): Buffer => Buffer.concat(parts);
  const url = (): string | undefined => /^http:\S+$/m.exec(String(said()))?.[0];
  await until(() => url() !== undefined || child.exitCode !== null, 60_000);
  if (child.exitCode !== null) throw new Error(`the server ended: ${said()}`);
  return {
    url: url() as string,
    said,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async terminate() {
      child.kill('SIGTERM');
      return ((await exited) as [number | null])[0];
    },
  };
}

/** A superuser's address of the embedded database, as it lies in the data directory. */
export async function databaseUrlIn(dataDir: string): Promise<string> {
  const password = (await readFile(join(dataDir, 'postgres.password'), 'utf8')).trim();
  const port = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[3];
  return `postgres://proofpix_root:${encodeURIComponent(password)}@127.0.0.1:${port}/proofpix`;
}
