import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/messaging.ts';

/** A server process. */
export interface ServerProcess {
  /** Its address once it is ready; rejects when it ends before. */
  readonly ready: Promise<string>;
  /** False once it has ended, for whatever reason. */
  isRunning(): boolean;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; its exit code. */
  terminate(): Promise<number | null>;
}

const program = fileURLToPath(new URL('./node.ts', import.meta.url));

/** Processes that a process has started; none where the system does not tell. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function isRunner(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox');
  } catch {
    return false;
  }
}

export function startServer(env: Record<string, string>): ServerProcess {
  const child: ChildProcess = spawn(process.execPath, ['--no-node-snapshot', program], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent', ...env } });
  const exited = once(child, 'exit');
  const ready = (async () => {
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line'), exited.then(() => [null])])) as [string | null];
    if (line === null) throw new Error('the server ended before it was ready');
    return line;
  })();
  // Whoever kills it while it boots does not wait for it.
  ready.catch(() => undefined);
  return {
    ready,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async kill() {
      const runners = childrenOf(child.pid as number).filter(isRunner);
      child.kill('SIGKILL');
      await exited;
      // Nothing of the sandbox outlives its server.
      await until(() => !runners.some(isRunner), 20_000);
    },
    async terminate() {
      child.kill('SIGTERM');
      return ((await exited) as [number | null])[0];
    },
  };
}
