import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bytes } from '@proofpix/sdk';
import { createByteBudget } from '../content/byte-budget.ts';

/** What all files lent to ExifTool take on disk at once; further ones wait. */
const budget = createByteBudget({ totalBytes: 2_147_483_648, maxWaiting: 256, waitMs: 60_000 });
const prefix = 'proofpix-parsers-';

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
};

/** What processes left behind that were killed. */
async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]);
    // A folder with this process's number is of an earlier one: this one has none yet.
    if (Number.isInteger(pid) && (pid === process.pid || !alive(pid))) await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

let folder: Promise<string> | null = null;

/** A folder that only this user may enter, gone with the process. */
async function ownFolder(): Promise<string> {
  const parent = tmpdir();
  await removeLeftovers(parent);
  const path = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

let count = 0;

/**
 * Lends content to a program that needs a file. It has a name of our making; only its ending is the sender's, reduced
 * to letters and digits, because some formats are told apart by it. The file is removed whatever happens.
 *
 * @throws UNAVAILABLE when too many such files wait
 */
export async function withScratchFile<T>(content: Bytes | Uint8Array, sizeBytes: number, ending: string, work: (path: string) => Promise<T>): Promise<T> {
  return await budget.hold(sizeBytes, async () => {
    folder ??= ownFolder();
    const path = join(await folder, `${++count}${/^[a-z0-9]{1,8}$/i.test(ending) ? `.${ending}` : ''}`);
    try {
      const file = await open(path, 'wx', 0o600);
      try {
        if (content instanceof Uint8Array) await file.writeFile(content);
        else for await (const chunk of content) await file.write(chunk);
      } finally {
        await file.close();
      }
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  });
}
