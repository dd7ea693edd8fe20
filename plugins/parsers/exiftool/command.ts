import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** A program with its first arguments, without a shell's interpretation of either. */
export interface Command {
  file: string;
  args: readonly string[];
  env: Record<string, string>;
}

/** Address space of one ExifTool; hostile files make it allocate. */
const maxMemoryKib = 1_048_576;

function executable(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // in the next folder, then
    }
  }
  return null;
}

/** The script that comes with the package; null where that package is not installed, as on Windows. */
function script(): string | null {
  try {
    const { resolve } = createRequire(import.meta.url);
    return createRequire(resolve('exiftool-vendored')).resolve('exiftool-vendored.pl').replace(/index\.js$/, 'bin/exiftool');
  } catch {
    return null;
  }
}

/**
 * How ExifTool is started: with low priority and bounded memory, without a user's configuration and without this
 * process's environment.
 *
 * @param path where programs are looked for, as in the variable PATH
 * @returns null when there is no perl to run it
 */
export function exifToolCommand(path: string): Command | null {
  const perl = executable('perl', path);
  const exiftool = script();
  if (perl === null || exiftool === null) return null;
  // ExifTool writes times of a few formats in the machine's zone.
  const zone = process.env['TZ'];
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...(zone === undefined ? {} : { TZ: zone }) };
  const args = [perl, exiftool, '-config', ''];
  const limits = `ulimit -v ${maxMemoryKib} 2>/dev/null; if command -v nice >/dev/null; then exec nice -n 5 "$@"; else exec "$@"; fi`;
  return { file: '/bin/sh', args: ['-c', limits, 'sh', ...args], env };
}
