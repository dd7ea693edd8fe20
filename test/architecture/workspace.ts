import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from '@proofpix/sdk';
import type { Workspace } from './rules.ts';

interface PackageJson {
  name: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  exports?: Record<string, string>;
}

const readPackage = async (folder: string): Promise<PackageJson> => JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as PackageJson;

/** The plugin of a workspace; null for a package that is none, or has none yet. */
async function pluginOf(root: string, folder: string, { exports }: PackageJson): Promise<Plugin | null> {
  const entry = exports?.['.'];
  if (entry === undefined || !entry.endsWith('plugin.ts')) return null;
  const file = path.join(root, folder, entry);
  if ((await readFile(file).catch(() => null)) === null) return null;
  return ((await import(pathToFileURL(file).href)) as { default: Plugin }).default;
}

/** The repository's packages, and what the plugins among them declare. */
export async function readWorkspace(root: string): Promise<Workspace> {
  const { workspaces = [], dependencies = {} } = await readPackage(root);
  const packages = new Map<string, string>();
  const declared = new Map<string, readonly string[]>();
  const pluginIds = new Map<string, string>();
  for (const pattern of workspaces) {
    for await (const found of glob(`${pattern}/package.json`, { cwd: root })) {
      const folder = path.dirname(found).split(path.sep).join('/');
      const data = await readPackage(path.join(root, folder));
      packages.set(data.name, folder);
      const plugin = await pluginOf(root, folder, data);
      if (plugin === null) continue;
      declared.set(folder, Object.keys(plugin.manifest.dependencies));
      pluginIds.set(folder, plugin.manifest.id);
    }
  }
  return { packages, dependencies: declared, pluginIds, production: new Set(Object.keys(dependencies)) };
}
