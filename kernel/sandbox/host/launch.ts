import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** How a runner process is started. */
export interface Launch {
  /** The runner as one script; it goes in through stdin, so the process needs to read no source file. */
  source: string;
  addon: string;
  /** What the command line starts with. */
  command: readonly string[];
  /** Null: the server's own user, because it is not root or another could not read the files. */
  user: { uid: number; gid: number } | null;
}

const nobody = 65_534;
const env = '/usr/bin/env';

/** Whether a user of no group of ours reaches the file. */
function openToAll(file: string): boolean {
  if ((statSync(file).mode & 0o004) === 0) return false;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

let prepared: Launch | null = null;

/** Made once per server process. @throws Error when isolated-vm has no build for this platform. */
export function prepareLaunch(): Launch {
  if (prepared !== null) return prepared;
  const entry = createRequire(import.meta.url).resolve('isolated-vm');
  const addon = (createRequire(entry)('node-gyp-build') as { path(dir: string): string }).path(dirname(entry));
  const main = join(dirname(fileURLToPath(import.meta.url)), '../runner/main.ts');
  const made = buildSync({ entryPoints: [main], bundle: true, write: false, format: 'cjs', platform: 'node', target: 'esnext', logLevel: 'silent' });
  const root = process.getuid?.() === 0;
  prepared = {
    source: made.outputFiles[0]?.text ?? '',
    addon,
    // Tools that wrap child processes (tracing, test runners) put variables of their own into every
    // environment, an empty one too: env(1) starts the runner without any.
    command: existsSync(env) ? [env, '-i', process.execPath] : [process.execPath],
    user: root && openToAll(addon) && openToAll(process.execPath) ? { uid: nobody, gid: nobody } : null,
  };
  return prepared;
}
