import { fork, spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const startTimeoutMs = 60_000;
const endTimeoutMs = 20_000;

/** The child's end, or its death when it takes too long. */
function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What `arrives` resolves with, unless the child ends or the time is up first. */
function whenStarted<T>(child: ChildProcess, what: string, arrives: (found: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${what} did not start`));
    }, startTimeoutMs);
    child.once('exit', (code) => reject(new Error(`${what} ended with ${code}`)));
    arrives((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

export interface ForkedServer<T> {
  child: ChildProcess;
  /** What it said once it was up. */
  started: T;
  close(): Promise<void>;
}

/** Forks a file beside this one, which sends one message when it serves and ends when it is disconnected. */
export async function forkServer<T>(file: string, args: readonly string[]): Promise<ForkedServer<T>> {
  const child = fork(new URL(file, import.meta.url), args, { execArgv: [] });
  const started = await whenStarted<T>(child, file, (found) => child.once('message', (message) => found(message as T)));
  return {
    child,
    started,
    async close() {
      if (child.connected) child.disconnect();
      await ended(child);
    },
  };
}

export interface KernelProcess {
  url: string;
  pid: number;
  /** From the start of the process to the line that says it is ready. */
  readyMs: number;
  close(): Promise<void>;
}

const entry = fileURLToPath(new URL('../../kernel/index.ts', import.meta.url));

/** `npm start` with these settings and no others. */
export async function startKernel(env: Record<string, string>): Promise<KernelProcess> {
  const begun = performance.now();
  const child = spawn(process.execPath, [...startFlags(), entry], { env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '1000000', BCRYPT_COST: '4', ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
  const url = await whenStarted<string>(child, 'the kernel', (found) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += String(chunk);
      const ready = /is ready at (\S+)/.exec(text);
      if (ready?.[1] !== undefined) found(ready[1]);
    });
  });
  return {
    url,
    pid: child.pid ?? 0,
    readyMs: performance.now() - begun,
    async close() {
      child.kill('SIGTERM');
      await ended(child);
    },
  };
}

const start = (JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { scripts: { start: string } }).scripts.start;

/** The flags of the start script: what is measured is what people start. */
function startFlags(): string[] {
  return start.split(' ').filter((word) => word.startsWith('--'));
}

/** Resident memory of a process in MiB, now and at its highest. Linux only. */
export async function residentMiB(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}
