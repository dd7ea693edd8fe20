import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build, type BuildFailure, type Message, type Plugin as EsbuildPlugin } from 'esbuild';
import { defineError } from '../errors.ts';
import { portableNames } from './portable-names.ts';
import { unusedSchemas } from './unused-schemas.ts';

/** The plugin cannot be made into one script; `details.problems` says what and where. */
export const BundleFailed = defineError({ code: 'BUNDLE_FAILED', kind: 'invalid', message: 'The plugin cannot be bundled.' });

/** Name under which the script leaves `{plugin, dispatch}` on its global object. */
export const pluginGlobal = '__proofpixPlugin';

/** A plugin as one script. */
export interface Bundle {
  /** One classic script, UTF-8, without a reference to its map. */
  code: string;
  /** Source map, version 3; its sources have portable names. */
  map: string;
  /** Lower-case hex SHA-256 of `code`. */
  sha256: string;
}

/** What to bundle, and how. */
export interface BundleOptions {
  /** File that exports the plugin by default: `export default definePlugin({…})`. */
  entry: string;
  /** Default false, so that reviewers can read what runs. */
  minify?: boolean;
}

const sdk = path.resolve(import.meta.dirname, '..');

/**
 * The script's whole contract with its host: it leaves `{plugin, dispatch}` in a global, and the
 * host calls `dispatch(plugin, invocation, port, primitives)` of the SDK's runtime. The SDK is inside
 * because plugin and dispatcher have to share one instance of it. What a bare isolate lacks
 * (TextEncoder, URL, timers) the host puts there before it runs the script.
 */
const entryText = (entry: string): string => `
import plugin from ${JSON.stringify(entry)};
import { dispatch } from '@proofpix/sdk/runtime';
globalThis[${JSON.stringify(pluginGlobal)}] = { plugin, dispatch };
`;

/** A sandboxed plugin has neither Node's modules nor native code: say so at build time. */
function sandboxOnly(folder: string): EsbuildPlugin {
  return {
    name: 'sandbox-only',
    setup(setup) {
      // Relative imports of source files need no look: asking for every one would take ten times as long.
      setup.onResolve({ filter: /^[^./]|\.node$/ }, (args) => {
        const importer = path.relative(folder, args.importer).split(path.sep).join('/');
        if (isBuiltin(args.path)) return { errors: [{ text: `${importer} imports ${args.path}: a plugin has no Node modules, use ctx instead` }] };
        if (args.path.endsWith('.node')) return { errors: [{ text: `${importer} imports ${args.path}: a plugin has no native code` }] };
        return null;
      });
    },
  };
}

function problem(message: Message): string {
  const at = message.location;
  return at === null ? message.text : `${at.file}:${at.line}:${at.column}: ${message.text}`;
}

async function outputOf(entry: string, minify: boolean): Promise<{ code: string; map: string }> {
  const folder = path.dirname(entry);
  const result = await build({
    stdin: { contents: entryText(entry), resolveDir: folder, sourcefile: 'proofpix-entry.js', loader: 'js' },
    absWorkingDir: folder,
    outfile: 'plugin.js',
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    // One SDK for plugin and dispatcher, whichever copy the plugin would have found.
    alias: { '@proofpix/sdk': path.join(sdk, 'index.ts'), '@proofpix/sdk/runtime': path.join(sdk, 'runtime/index.ts') },
    nodePaths: [path.join(sdk, 'node_modules'), path.join(sdk, '../node_modules')],
    // No tsconfig.json of this machine has a say.
    tsconfigRaw: { compilerOptions: { target: 'esnext', verbatimModuleSyntax: true } },
    target: 'esnext',
    charset: 'utf8',
    legalComments: 'none',
    minify,
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'silent',
    plugins: [sandboxOnly(folder), unusedSchemas],
  });
  const text = (suffix: string): string => result.outputFiles.find((file) => file.path.endsWith(suffix))?.text ?? '';
  const portable = await portableNames(folder, Object.keys(result.metafile.inputs));
  return { code: portable.inCode(text('plugin.js')), map: portable.inMap(text('plugin.js.map')) };
}

/**
 * Bundles a plugin into one classic script for a bare isolate. The same source gives the same bytes
 * wherever it lies: no absolute paths, no dates.
 *
 * @throws BUNDLE_FAILED with readable `details.problems`: syntax errors, missing modules, Node modules.
 */
export async function bundlePlugin(options: BundleOptions): Promise<Bundle> {
  const entry = path.resolve(options.entry);
  await access(entry).catch(() => {
    throw BundleFailed({ message: `There is no file ${options.entry}.`, details: { problems: [`no such file: ${options.entry}`] } });
  });
  try {
    const { code, map } = await outputOf(entry, options.minify ?? false);
    return { code, map, sha256: createHash('sha256').update(code).digest('hex') };
  } catch (error) {
    const messages = (error as Partial<BuildFailure>).errors;
    if (!Array.isArray(messages)) throw error;
    const problems = messages.slice(0, 20).map(problem);
    throw BundleFailed({ message: `The plugin cannot be bundled: ${problems[0]}`, details: { problems } });
  }
}
