import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The operating-system account PostgreSQL runs as; `undefined` means "as ourselves". */
export interface Account {
  uid: number;
  gid: number;
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/**
 * PostgreSQL refuses to run as root, so a root process lends it an unprivileged account: whoever owns an
 * existing cluster, else `postgres`, else `nobody`. No account is created: starting a server must not
 * change the machine's user list.
 *
 * @throws Error when running as root on a machine without any such account
 */
export async function clusterAccount(clusterDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await stat(clusterDir).catch(() => undefined);
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const account = (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (!account) {
    throw new Error('PostgreSQL cannot run as root and neither "postgres" nor "nobody" exists: start as another user or set DATABASE_URL');
  }
  return account;
}
