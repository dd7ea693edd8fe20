import { hostname } from 'node:os';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Tells others that the process behind a directory lives; its age matters, and who wrote it. */
const ownerName = 'owner.json';
/** A directory whose owner runs on another machine counts as left behind after this. */
export const abandonedAfterMs = 120_000;

/** Several nodes may run in one process, in tests; each leaves the others alone. */
const ofThisProcess = new Set<string>();

interface OwnerNote {
  pid: number;
  host: string;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

async function isLeftBehind(directory: string): Promise<boolean> {
  const path = join(directory, ownerName);
  const found = await stat(path).catch(() => null);
  // one that is just being made has no note yet
  if (found === null) return Date.now() - ((await stat(directory).catch(() => null))?.mtimeMs ?? 0) > abandonedAfterMs;
  const note = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as Partial<OwnerNote>;
  if (Date.now() - found.mtimeMs > abandonedAfterMs) return true;
  // the same number as ours belongs to a process before us: in a container it is always 1
  return note.host === hostname() && note.pid !== undefined && (note.pid === process.pid || !isAlive(note.pid));
}

/** Makes this process's directory below `root`. */
export async function claimDirectory(root: string, nodeId: string): Promise<string> {
  ofThisProcess.add(nodeId);
  const directory = join(root, nodeId);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, ownerName), JSON.stringify({ pid: process.pid, host: hostname() } satisfies OwnerNote), { mode: 0o600 });
  return directory;
}

export async function touchDirectory(directory: string): Promise<void> {
  const now = new Date();
  await utimes(join(directory, ownerName), now, now);
}

/** Removes what processes that are gone have left below `root`: ciphertext that no key opens any more. Answers whose it was. */
export async function removeLeftovers(root: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    const directory = join(root, name);
    if (ofThisProcess.has(name) || !(await isLeftBehind(directory))) continue;
    await rm(directory, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}
