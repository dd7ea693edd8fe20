import { createHash } from 'node:crypto';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildFailure, type Metafile, type Plugin } from 'esbuild';
import { BundleRefused } from './errors.ts';
import { unusedSchemas } from './unused-schemas.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const sdk = join(root, 'sdk');

const quoted = (path: string): string => JSON.stringify(path);

export interface Bundle {
  code: string;
  /** Lower-case hex SHA-256 of the code. */
  hash: string;
  /** The plugin's own files and packages, relative to the entry's folder. */
  inputs: string[];
}

function refusals(base: string): Plugin {
  return {
    name: 'refusals',
    setup(make) {
      make.onResolve({ filter: /.*/ }, ({ path, importer }) => {
        const from = importer === '' ? 'the entry' : relative(base, importer);
        if (isBuiltin(path)) return { errors: [{ text: `${from} imports ${path}: a sandboxed plugin has no Node.js built-ins, only what ctx offers` }] };
        if (path.endsWith('.node')) return { errors: [{ text: `${from} imports ${path}: a sandboxed plugin cannot load native code` }] };
        return undefined;
      });
    },
  };
}

/** esbuild names each module in a comment; those names must not depend on where things lie on this machine. */
function neutralNames(code: string, metafile: Metafile, base: string): string {
  let out = code;
  for (const input of Object.keys(metafile.inputs)) {
    const path = resolve(base, input);
    const packages = path.lastIndexOf('/node_modules/');
    let name = input;
    if (packages >= 0) name = path.slice(packages + '/node_modules/'.length);
    else if (path.startsWith(`${sdk}/`) && !path.startsWith(`${sdk}/examples/`)) name = `@proofpix/sdk/${relative(sdk, path)}`;
    else if (path.startsWith(`${here}/guest/`)) name = `sandbox/${relative(here, path)}`;
    out = out.replaceAll(`\n  // ${input}\n`, `\n  // ${name}\n`);
  }
  return out;
}

/**
 * Bundles a plugin's entry (`export default definePlugin(…)`) with the guest's half of the bridge
 * into one classic script. The same sources give the same bytes on every machine.
 *
 * @throws BUNDLE_REFUSED naming import and file, for a Node.js built-in, native code, a missing
 * module or a syntax error.
 */
export async function bundle(entry: string): Promise<Bundle> {
  const base = dirname(resolve(entry));
  const contents = [
    `import ${quoted(join(here, 'guest/prelude.ts'))};`,
    `import plugin from ${quoted(resolve(entry))};`,
    `import { serve } from ${quoted(join(here, 'guest/main.ts'))};`,
    "import { dispatch } from '@proofpix/sdk/runtime';",
    'globalThis.__receive = serve(plugin, dispatch);',
  ].join('\n');
  try {
    const made = await build({
      stdin: { contents, resolveDir: base, sourcefile: 'sandbox/entry.ts', loader: 'ts' },
      absWorkingDir: base,
      bundle: true,
      write: false,
      metafile: true,
      format: 'iife',
      target: 'esnext',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['import', 'module', 'default'],
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      // One copy of the SDK for plugin and guest, whichever the plugin would have found.
      alias: { '@proofpix/sdk/runtime': join(sdk, 'runtime/index.ts'), '@proofpix/sdk': join(sdk, 'index.ts') },
      nodePaths: [join(root, 'node_modules')],
      define: { 'process.env.NODE_ENV': '"production"' },
      tsconfigRaw: { compilerOptions: { target: 'esnext', verbatimModuleSyntax: true } },
      plugins: [refusals(base), unusedSchemas],
    });
    const code = neutralNames(made.outputFiles[0]?.text ?? '', made.metafile, base);
    return { code, hash: createHash('sha256').update(code).digest('hex'), inputs: Object.keys(made.metafile.inputs).filter((input) => !input.startsWith('sandbox/')) };
  } catch (error) {
    const { errors = [] } = error as Partial<BuildFailure>;
    const lines = errors.map(({ text: what, location }) => (location === null || /imports/.test(what) ? what : `${what} (${location.file}:${location.line})`));
    throw BundleRefused({ message: lines.join('; ') || 'The plugin cannot be bundled for the sandbox.', cause: error });
  }
}
