import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pollMs = 10;

/** What `postmaster.pid` says about the server of a cluster. */
export interface Postmaster {
  pid: number;
  port: number;
  ready: boolean;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Process ids are reused, so a live pid counts only when that process is a PostgreSQL sitting in this directory. */
async function runsIn(pid: number, clusterDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(clusterDir));
  } catch {
    // no /proc (macOS), or another user's process
  }
  try {
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]);
    return stdout.includes('postgres') && stdout.includes(clusterDir);
  } catch {
    return false;
  }
}

/** Line layout of postmaster.pid: pid, data directory, start time, port, socket directory, listen address, shared memory, status. */
async function readPidFile(clusterDir: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7] === 'ready' };
}

/** The server that runs on this cluster now; a lock file left by a dead one is removed. */
export async function findPostmaster(clusterDir: string): Promise<Postmaster | undefined> {
  const found = await readPidFile(clusterDir);
  if (!found) return undefined;
  if (await runsIn(found.pid, clusterDir)) return found;
  await rm(join(clusterDir, 'postmaster.pid'), { force: true });
  return undefined;
}

/** Waits until the server accepts connections; `undefined` when it is gone or the deadline passed. */
export async function untilReady(clusterDir: string, pid: number, timeoutMs: number): Promise<Postmaster | undefined> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const found = await readPidFile(clusterDir);
    if (found?.pid === pid && found.ready) return found;
    if (!isAlive(pid)) return undefined;
    await delay(pollMs);
  }
  return undefined;
}

/** Fast shutdown (SIGINT); SIGQUIT after `timeoutMs`, which costs a crash recovery at the next start but no data. */
export async function stopPostmaster(clusterDir: string, pid: number, timeoutMs: number): Promise<void> {
  // an adopted server may stay in the process table until somebody reaps it; its lock file goes with the last write
  const isRunning = async (): Promise<boolean> => isAlive(pid) && (await readPidFile(clusterDir))?.pid === pid;
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!(await isRunning())) return;
    process.kill(pid, signal);
    const deadline = Date.now() + timeoutMs;
    while ((await isRunning()) && Date.now() < deadline) await delay(pollMs);
  }
}
