import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** `npm test [-- <tap's arguments>]`: tap, with what every process of a run loads first. */
const packageFile = createRequire(import.meta.url).resolve('tap/package.json');
const { bin } = JSON.parse(readFileSync(packageFile, 'utf8')) as { bin: { tap: string } };
const tap = join(packageFile, '..', bin.tap);
const options = [process.env['NODE_OPTIONS'], `--import=${new URL('./support/preload.ts', import.meta.url).href}`].filter((option) => option !== undefined && option !== '').join(' ');

for (const args of [['build'], process.argv.slice(2)]) {
  const { status } = spawnSync(process.execPath, [tap, ...args], { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: options } });
  if (status !== 0) process.exit(status ?? 1);
}
