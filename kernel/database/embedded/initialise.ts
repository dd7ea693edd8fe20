import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Lent } from './lend.ts';

const run = promisify(execFile);
const initTimeoutMs = 60_000;

export const superuser = 'proofpix_root';

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

/** The superuser's password: made once, readable by this process's user only. */
export async function clusterPassword(dataDir: string, account: Account | undefined): Promise<{ password: string; path: string }> {
  const path = join(dataDir, 'postgres.password');
  try {
    await writeFile(path, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    // initdb reads it as the account it runs as
    if (account) await chown(path, account.uid, account.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return { password: (await readFile(path, 'utf8')).trim(), path };
}

/**
 * Makes the cluster's files unless they exist. It works in a directory beside the target and renames it at
 * the end, so a killed initdb never leaves a half-made cluster, and of two processes racing one wins.
 */
export async function initialiseCluster(options: {
  clusterDir: string;
  passwordFile: string;
  binaries: Binaries;
  lent: Lent;
}): Promise<void> {
  const { clusterDir, lent } = options;
  const { account } = lent;
  if (await exists(join(clusterDir, 'PG_VERSION'))) return;
  const parent = dirname(clusterDir);
  const draft = join(parent, `${basename(clusterDir)}.init-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  if (account) await chown(draft, account.uid, account.gid);
  try {
    const initdb = lent.command(options.binaries.initdb, [
      `--pgdata=${draft}`,
      `--username=${superuser}`,
      `--pwfile=${options.passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--lc-messages=C',
    ]);
    await run(initdb.file, initdb.args, { ...initdb.options, cwd: draft, timeout: initTimeoutMs, env: { LC_ALL: 'C', PATH: process.env['PATH'] ?? '' } });
    await rename(draft, clusterDir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (await exists(join(clusterDir, 'PG_VERSION'))) return;
    throw new Error(`PostgreSQL could not make its files in ${clusterDir}: ${(error as Error).message}`, { cause: error });
  }
}

/** Removes what killed initdb runs left beside the cluster. Call it only as the data directory's owner. */
export async function sweepDrafts(clusterDir: string): Promise<void> {
  const parent = dirname(clusterDir);
  const prefix = `${basename(clusterDir)}.init-`;
  const left = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}
