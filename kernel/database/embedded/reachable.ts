import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account } from './account.ts';

const search = { owner: 0o100, group: 0o010, others: 0o001 };

async function maySearch(directory: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(directory);
  if (uid === account.uid) return (mode & search.owner) !== 0;
  if (gid === account.gid) return (mode & search.group) !== 0;
  return (mode & search.others) !== 0;
}

/**
 * Makes sure that the account PostgreSQL is lent can walk down to a path. The data directory is ours, so others may be
 * let through it (not list it); directories above it belong to whoever runs the machine.
 *
 * @throws Error naming the directory that is in the way
 */
export async function requireReachable(path: string, account: Account, dataDir: string): Promise<void> {
  for (let directory = path; ; directory = dirname(directory)) {
    if (!(await maySearch(directory, account))) {
      if (directory !== dataDir) {
        throw new Error(
          `PostgreSQL may not run as root, and the account it is lent (uid ${account.uid}) cannot pass ${directory}: allow it with "chmod o+x ${directory}", start ProofPix as another user, set DATA_DIR to another place, or set DATABASE_URL`,
        );
      }
      await chmod(directory, (await stat(directory)).mode | search.others);
    }
    if (directory === dirname(directory)) return;
  }
}
