import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { contentDigest, writePackage } from '../../packaging/index.ts';
import type { Command } from '../command.ts';
import { buildPlugin, packageEntries } from '../plugin-folder.ts';

export const build: Command = {
  name: 'build',
  summary: 'bundle a plugin into one script and pack it, unsigned',
  usage: '[<folder>] [--entry <file>] [--out <folder>] [--minify] [--no-map]',
  options: { entry: { type: 'string' }, out: { type: 'string' }, minify: { type: 'boolean' }, 'no-map': { type: 'boolean' } },
  maxPositionals: 1,
  async run({ cwd, positionals, options }) {
    const folder = path.resolve(cwd, positionals[0] ?? '.');
    const built = await buildPlugin(folder, { entry: options.entry as string | undefined, minify: options.minify === true });
    const entries = await packageEntries(folder, built, { map: options['no-map'] !== true });
    const bytes = await writePackage(entries);
    const out = options.out === undefined ? path.join(folder, 'dist') : path.resolve(cwd, options.out as string);
    const { id, version } = built.manifest;
    const file = path.join(out, `${id}-${version}.ppx`);
    await mkdir(out, { recursive: true });
    await writeFile(file, bytes);
    const digest = contentDigest(entries);
    return {
      ok: true,
      lines: [`${path.relative(cwd, file)}  ${bytes.length} bytes, not signed yet`, `  content ${digest}`, `  script  ${built.bundle.sha256}`],
      data: { file, id, version, sizeBytes: bytes.length, digest, scriptSha256: built.bundle.sha256 },
    };
  },
};
