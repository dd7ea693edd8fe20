import { readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Bundlers name each module by its path, in comments, in CommonJS wrappers and in source maps. These
 * give it a name that does not depend on where it lies on this machine: own files by their path in
 * the plugin's folder, others by package, version and path.
 */
export interface PortableNames {
  /** Portable name by the name the bundler gave. */
  readonly names: ReadonlyMap<string, string>;
  inCode(code: string): string;
  inMap(map: string): string;
}

interface PackageRoot {
  folder: string;
  label: string;
}

/** The nearest folder above a file whose package.json has a name. */
async function packageRoot(folder: string, known: Map<string, PackageRoot | null>): Promise<PackageRoot | null> {
  const seen = known.get(folder);
  if (seen !== undefined) return seen;
  const parent = path.dirname(folder);
  const text = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => null);
  const data = text === null ? {} : (JSON.parse(text) as { name?: string; version?: string });
  const root = data.name !== undefined ? { folder, label: `${data.name}@${data.version ?? '0'}` } : parent === folder ? null : await packageRoot(parent, known);
  known.set(folder, root);
  return root;
}

const slashes = (file: string): string => file.split(path.sep).join('/');

/** @param inputs names of the bundler, relative to `folder`, the plugin's own */
export async function portableNames(folder: string, inputs: readonly string[]): Promise<PortableNames> {
  const roots = new Map<string, PackageRoot | null>();
  const names = new Map<string, string>();
  for (const input of inputs) {
    const isOwn = !input.startsWith('../') && !input.includes('node_modules/');
    const file = path.resolve(folder, input);
    const root = isOwn ? null : await packageRoot(path.dirname(file), roots);
    names.set(input, isOwn ? input : root === null ? path.basename(file) : `${root.label}/${slashes(path.relative(root.folder, file))}`);
  }
  return {
    names,
    inCode: (code) =>
      code
        .replace(/^ {2}\/\/ (.+)$/gm, (line, name: string) => (names.has(name) ? `  // ${names.get(name)}` : line))
        .replace(/^ {4}"([^"\n]+)"\(/gm, (line, name: string) => (names.has(name) ? `    "${names.get(name)}"(` : line)),
    inMap(map) {
      const parsed = JSON.parse(map) as { sources: string[] };
      parsed.sources = parsed.sources.map((source) => names.get(source) ?? source);
      return JSON.stringify(parsed);
    },
  };
}
