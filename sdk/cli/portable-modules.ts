import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import type { Loader, OnResolveResult, Plugin as EsbuildPlugin } from 'esbuild';

const builtins = new Set(builtinModules);
const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:') || builtins.has(specifier.split('/')[0] as string);

const loaders: Record<string, Loader> = { '.ts': 'ts', '.mts': 'ts', '.js': 'js', '.mjs': 'js', '.cjs': 'js', '.json': 'json', '.txt': 'text' };

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

/**
 * Gives every module a name that does not depend on where it lies on this machine: own files by
 * their path in the plugin's folder, others by package, version and path. Bundles and source maps
 * are thereby the same everywhere. Refuses what no sandbox has: Node's modules and native code.
 *
 * @param entry virtual first module: its specifier and text.
 */
export function portableModules(folder: string, entry: { specifier: string; text: string }): EsbuildPlugin {
  const roots = new Map<string, PackageRoot | null>();
  const files = new Map<string, string>();

  async function portableName(file: string): Promise<string> {
    const own = path.relative(folder, file);
    if (!own.startsWith('..') && !path.isAbsolute(own) && !slashes(own).includes('node_modules/')) return slashes(own);
    const root = await packageRoot(path.dirname(file), roots);
    return root === null ? path.basename(file) : `${root.label}/${slashes(path.relative(root.folder, file))}`;
  }

  return {
    name: 'portable-modules',
    setup(setup) {
      setup.onResolve({ filter: /.*/ }, async (args): Promise<OnResolveResult | null> => {
        if (args.pluginData === 'resolving') return null;
        if (args.path === entry.specifier) return { path: entry.specifier, namespace: 'proofpix' };
        const importer = args.importer === entry.specifier ? 'the entry' : args.importer;
        if (isBuiltin(args.path)) return { errors: [{ text: `${importer} imports ${args.path}: a plugin has no Node modules, use ctx instead` }] };
        if (args.path.endsWith('.node')) return { errors: [{ text: `${importer} imports ${args.path}: a plugin has no native code` }] };
        const found = await setup.resolve(args.path, { kind: args.kind, importer: files.get(args.importer) ?? '', resolveDir: args.resolveDir, pluginData: 'resolving' });
        if (found.errors.length > 0) return { errors: [{ text: `${importer} imports ${args.path}, which cannot be found` }] };
        const name = await portableName(found.path);
        files.set(name, found.path);
        return { path: name, namespace: 'm', sideEffects: found.sideEffects };
      });

      setup.onLoad({ filter: /.*/, namespace: 'proofpix' }, () => ({ contents: entry.text, loader: 'js', resolveDir: import.meta.dirname }));

      setup.onLoad({ filter: /.*/, namespace: 'm' }, async (args) => {
        const file = files.get(args.path) as string;
        const loader = loaders[path.extname(file)];
        if (loader === undefined) return { errors: [{ text: `${args.path}: a plugin is made of .ts, .js, .json and .txt files` }] };
        return { contents: await readFile(file, 'utf8'), loader, resolveDir: path.dirname(file) };
      });
    },
  };
}
