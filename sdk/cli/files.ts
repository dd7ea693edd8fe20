import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from './command.ts';

/** A file that has to be there. @throws USAGE with the path as it was given. */
export async function readInput(cwd: string, file: string): Promise<Buffer> {
  try {
    return await readFile(path.resolve(cwd, file));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `cannot be read (${(cause as NodeJS.ErrnoException).code})`;
    throw UsageError({ message: `${file} ${reason}.`, cause });
  }
}

/** A file that may be missing. */
export async function readOptional(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

export async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
