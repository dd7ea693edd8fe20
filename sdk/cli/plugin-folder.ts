import path from 'node:path';
import type { Manifest } from '../manifest.ts';
import { type Entries, parseManifest } from '../packaging/index.ts';
import { type Bundle, bundlePlugin } from './bundle.ts';
import { UsageError } from './command.ts';
import { evaluateManifest } from './evaluate.ts';
import { isFolder, readOptional } from './files.ts';

const entryNames = ['plugin.ts', 'plugin.js', 'src/plugin.ts', 'src/plugin.js'] as const;

/** A plugin as it stands in its author's folder. */
export interface BuiltPlugin {
  manifest: Manifest;
  bundle: Bundle;
}

/** The file that exports the plugin. @throws USAGE when there is none. */
export async function findEntry(folder: string, given: string | undefined): Promise<string> {
  if (!(await isFolder(folder))) throw UsageError({ message: `${folder} is not a folder.` });
  const names = given === undefined ? entryNames : [given];
  for (const name of names) if ((await readOptional(path.join(folder, name))) !== null) return path.join(folder, name);
  throw UsageError({ message: `There is no ${names.join(', ')} in ${folder}. Name the file that exports the plugin with --entry.` });
}

/** Bundles a plugin and checks the manifest its script shows. @throws BUNDLE_FAILED, MANIFEST_INVALID, USAGE. */
export async function buildPlugin(folder: string, options: { entry?: string | undefined; minify?: boolean } = {}): Promise<BuiltPlugin> {
  const bundle = await bundlePlugin({ entry: await findEntry(folder, options.entry), minify: options.minify ?? false });
  return { manifest: parseManifest(evaluateManifest(bundle.code)), bundle };
}

/** The entries of a package, unsigned. @throws USAGE when the README is missing. */
export async function packageEntries(folder: string, { manifest, bundle }: BuiltPlugin, options: { map: boolean }): Promise<Entries> {
  const readme = await readOptional(path.join(folder, 'README.md'));
  if (readme === null) throw UsageError({ message: `A package needs a README.md in ${folder}: it is what tenants read before they install.` });
  const changelog = await readOptional(path.join(folder, 'CHANGELOG.md'));
  const icon = await readOptional(path.join(folder, 'icon.png'));
  return {
    'README.md': readme,
    'manifest.json': Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
    'plugin.js': Buffer.from(bundle.code),
    ...(changelog === null ? {} : { 'CHANGELOG.md': changelog }),
    ...(icon === null ? {} : { 'icon.png': icon }),
    ...(options.map ? { 'plugin.js.map': Buffer.from(bundle.map) } : {}),
  };
}
