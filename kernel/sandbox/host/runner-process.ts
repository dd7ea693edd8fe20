import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { frame, frameSink, frameSource, type Frame, type FrameSink } from '../runner/frames.ts';
import type { SandboxLog } from '../contract.ts';
import type { Launch } from './launch.ts';

const stderrBytes = 8_192;

export interface RunnerProcess extends FrameSink {
  readonly pid: number;
  /** Has {@link RunnerProcessOptions.prepare} called soon. */
  wake(): void;
  kill(): void;
  /** Resident bytes as the operating system counts them; where it does not tell, as of the last pong. */
  residentBytes(): number;
  readonly alive: boolean;
}

export interface RunnerProcessOptions {
  launch: Launch;
  log: SandboxLog;
  onFrame(frame: Frame): void;
  /** Once, whatever ended it. */
  onExit(cause: { code: number | null; signal: string | null }): void;
  prepare(): void;
}

/** One process that holds isolates: no environment, no file system but the addon, no network, no spawn. */
export function spawnRunner({ launch, log, onFrame, onExit, prepare }: RunnerProcessOptions): RunnerProcess {
  const [program = process.execPath, ...first] = launch.command;
  const flags = ['--no-node-snapshot', '--permission', '--allow-addons', `--allow-fs-read=${launch.addon}`, '--disable-warning=PERM0001', '-'];
  const child = spawn(program, [...first, ...flags, launch.addon], { env: {}, cwd: '/', stdio: ['pipe', 'ignore', 'pipe', 'pipe'], ...launch.user });
  const pipe = child.stdio[3] as Duplex;
  const sink = frameSink(pipe, prepare);
  let alive = true;
  let pongBytes = 0;
  let heard = 0;

  function kill(): void {
    child.kill('SIGKILL');
  }

  const source = frameSource((frameIn) => {
    if (frameIn.type === frame.pong) pongBytes = frameIn.b * 1024;
    if (alive) onFrame(frameIn);
  });
  pipe.on('data', (data: Buffer) => {
    try {
      source(data);
    } catch (error) {
      // Only a runner that a guest has taken over speaks like that.
      log.error({ err: error, pid: child.pid }, 'a sandbox process broke the protocol');
      kill();
    }
  });
  // A pipe that breaks is followed by the process's exit, which is what is acted on.
  pipe.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(launch.source);
  child.stderr?.on('data', (data: Buffer) => {
    if (heard > stderrBytes) return;
    heard += data.length;
    log.warn({ pid: child.pid, output: data.toString('utf8').slice(0, stderrBytes) }, 'a sandbox process wrote to stderr');
  });
  function ended(cause: { code: number | null; signal: string | null }): void {
    if (!alive) return;
    alive = false;
    pipe.destroy();
    onExit(cause);
  }
  child.on('error', (error) => {
    log.error({ err: error }, 'a sandbox process could not be started');
    ended({ code: null, signal: null });
  });
  child.on('exit', (code, signal) => ended({ code, signal }));
  const pid = child.pid ?? 0;
  try {
    // When memory runs out, the kernel should pick a guest before the server.
    if (pid > 0) writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // Not Linux, or not allowed: a courtesy only.
  }

  return {
    ...sink,
    pid,
    kill,
    residentBytes() {
      try {
        return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
      } catch {
        return pongBytes;
      }
    },
    get alive() {
      return alive;
    },
  };
}
