import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DatabaseLog } from '../log.ts';
import type { Account } from './account.ts';
import { requireReachable } from './reachable.ts';

const run = promisify(execFile);

/** How PostgreSQL's programs are started: by ourselves, or as the account a root process lends them. */
export interface Lent {
  readonly account: Account | undefined;
  /** Program and arguments as they are to be spawned. */
  command(program: string, args: readonly string[]): { file: string; args: string[]; options: { uid?: number; gid?: number } };
}

/** Keeps the right to read and pass directories (capabilities(7)) for a process that is not root. */
function passing(account: Account): string[] {
  return [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'];
}

/**
 * Finds a way to run programs that must not be root. Below a directory that nobody else may enter, such as `/root`,
 * they keep one capability; where the machine does not give that, the boot ends with what to do.
 *
 * @throws Error naming the directory in the way
 */
export async function lend(options: { account: Account | undefined; dataDir: string; programDir: string; log: DatabaseLog }): Promise<Lent> {
  const { account } = options;
  if (!account) return { account, command: (file, args) => ({ file, args: [...args], options: {} }) };
  try {
    await requireReachable(options.dataDir, account, options.dataDir);
    await requireReachable(options.programDir, account, options.dataDir);
  } catch (unreachable) {
    const prefix = passing(account);
    await run('setpriv', [...prefix, 'ls', options.dataDir, options.programDir], { timeout: 5_000 }).catch(() => {
      throw unreachable;
    });
    options.log.warn({ uid: account.uid }, 'PostgreSQL runs with the right to pass directories that are closed to its account: better start ProofPix as another user than root');
    return { account, command: (file, args) => ({ file: 'setpriv', args: [...prefix, file, ...args], options: {} }) };
  }
  return { account, command: (file, args) => ({ file, args: [...args], options: { uid: account.uid, gid: account.gid } }) };
}
