import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome, Seat } from './seat.ts';

export interface ProcessOptions {
  /** A module that calls `serveProcess`. */
  entry: URL;
  /** Of JavaScript objects. */
  maxHeapMb: number;
  /** Of the whole process with its buffers and WebAssembly, as the system counts them (looked at on Linux only). */
  maxResidentBytes: number;
}

const lookMs = 100;
const pageBytes = 4096;

/** What a parser has to read: its own code and the packages. Not the data, not the settings. */
const readable = [dirname(dirname(createRequire(import.meta.url).resolve('cfb/package.json'))), fileURLToPath(new URL('..', import.meta.url))];
const flags = (maxHeapMb: number): string[] => ['--permission', ...readable.map((path) => `--allow-fs-read=${path}`), `--max-old-space-size=${maxHeapMb}`, '--max-semi-space-size=8', '--no-warnings'];

/**
 * Tools that wrap child processes (tracing, test runners) put variables into every environment, an empty one too, and
 * what those load may not be read here: env(1) leaves only what Node's channel needs, which is the fourth descriptor.
 */
const env = '/usr/bin/env';
const launch = existsSync(env) ? { execPath: env, first: ['-i', 'NODE_CHANNEL_FD=3', 'NODE_CHANNEL_SERIALIZATION_MODE=advanced', process.execPath] } : { execPath: process.execPath, first: [] };

/** `/proc/<pid>/statm`, second field; 0 where there is no such thing. */
const residentBytes = async (pid: number): Promise<number> => Number((await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0')).split(' ')[1]) * pageBytes;

/** One that hangs on a file would not notice that this process ends. */
const running = new Set<ChildProcess>();
const killAll = (): void => {
  for (const child of running) child.kill('SIGKILL');
};

const outOfMemory = (message: string): Error => Object.assign(new Error(message), { code: 'ERR_WORKER_OUT_OF_MEMORY' });

/**
 * A process of its own for parsers whose hunger no thread's limit counts: a kilobyte of a PDF can ask for gigabytes of
 * buffers. It runs behind everything else, without environment, network-free by nature of what it loads, and by
 * Node's permission model without writing files or starting programs; what it took is given back when it ends.
 */
export function createProcessSeat<Q, A>({ entry, maxHeapMb, maxResidentBytes }: ProcessOptions): Seat<Q, A> {
  const child = fork(fileURLToPath(entry), [], { env: {}, execPath: launch.execPath, execArgv: [...launch.first, ...flags(maxHeapMb)], serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  if (running.size === 0) process.on('exit', killAll);
  running.add(child);
  let settle: { resolve(outcome: Outcome<A>): void; reject(error: unknown): void } | null = null;
  let broken: unknown;

  function breakWith(cause: unknown): void {
    broken ??= cause;
    settle?.reject(cause);
    settle = null;
    child.kill('SIGKILL');
  }

  child.on('message', (outcome) => {
    settle?.resolve(outcome as Outcome<A>);
    settle = null;
  });
  child.on('error', breakWith);
  child.on('exit', (code, signal) => {
    running.delete(child);
    if (running.size === 0) process.off('exit', killAll);
    // V8 aborts a process whose heap is full.
    breakWith(signal === 'SIGABRT' || signal === 'SIGTRAP' || code === 134 ? outOfMemory('The heap of the process was full.') : new Error(`The process ended with ${signal ?? code}.`));
  });
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Already gone: `exit` tells.
  }

  async function look(): Promise<void> {
    if (child.pid === undefined || settle === null) return;
    if ((await residentBytes(child.pid)) > maxResidentBytes) breakWith(outOfMemory(`The process took more than ${maxResidentBytes} bytes.`));
  }

  return {
    async ask(request) {
      if (broken !== undefined) throw broken;
      const timer = setInterval(() => void look(), lookMs).unref();
      try {
        const outcome = await new Promise<Outcome<A>>((resolve, reject) => {
          settle = { resolve, reject };
          child.send(request as object, (error) => {
            if (error !== null) breakWith(error);
          });
        });
        // What one file left behind is not charged to the next.
        if (child.pid !== undefined && (await residentBytes(child.pid)) > maxResidentBytes / 2) breakWith(new Error('The process is retired.'));
        return outcome;
      } finally {
        clearInterval(timer);
      }
    },
    async end() {
      settle = null;
      child.kill('SIGKILL');
    },
    usable: () => broken === undefined,
    busy(isBusy) {
      if (isBusy) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
  };
}
