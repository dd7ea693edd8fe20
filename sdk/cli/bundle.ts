import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildFailure, type Message } from 'esbuild';
import { defineError } from '../errors.ts';
import { portableModules } from './portable-modules.ts';

/** The plugin cannot be made into one script; `details.problems` says what and where. */
export const BundleFailed = defineError({ code: 'BUNDLE_FAILED', kind: 'invalid', message: 'The plugin cannot be bundled.' });

/** Name under which the script leaves `{plugin, dispatch}` on its global object. */
export const pluginGlobal = '__proofpixPlugin';

export interface Bundle {
  /** One classic script, UTF-8, without a reference to its map. */
  code: string;
  /** Source map, version 3; its sources have portable names. */
  map: string;
  /** Lower-case hex SHA-256 of `code`. */
  sha256: string;
}

export interface BundleOptions {
  /** File that exports the plugin by default: `export default definePlugin({…})`. */
  entry: string;
  /** Default false, so that reviewers can read what runs. */
  minify?: boolean;
}

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

function problem(message: Message): string {
  const at = message.location;
  return at === null ? message.text : `${at.file}:${at.line}:${at.column}: ${message.text}`;
}

/**
 * Bundles a plugin into one classic script for a bare isolate. The same source gives the same bytes
 * wherever it lies: no absolute paths, no dates.
 *
 * @throws BUNDLE_FAILED with readable `details.problems`: syntax errors, missing modules, Node modules.
 */
export async function bundlePlugin(options: BundleOptions): Promise<Bundle> {
  const entry = path.resolve(options.entry);
  const folder = path.dirname(entry);
  await access(entry).catch(() => {
    throw BundleFailed({ message: `There is no file ${options.entry}.`, details: { problems: [`no such file: ${options.entry}`] } });
  });
  const first = { specifier: 'entry', text: entryText(entry) };
  try {
    const result = await build({
      entryPoints: [first.specifier],
      absWorkingDir: folder,
      outfile: 'plugin.js',
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['import', 'default'],
      target: 'esnext',
      charset: 'utf8',
      legalComments: 'none',
      minify: options.minify ?? false,
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
      plugins: [portableModules(folder, first)],
    });
    const text = (suffix: string): string => result.outputFiles.find((file) => file.path.endsWith(suffix))?.text ?? '';
    const code = text('plugin.js');
    return { code, map: text('plugin.js.map'), sha256: createHash('sha256').update(code).digest('hex') };
  } catch (error) {
    const messages = (error as Partial<BuildFailure>).errors;
    if (!Array.isArray(messages)) throw error;
    const problems = messages.slice(0, 20).map(problem);
    throw BundleFailed({ message: `The plugin cannot be bundled: ${problems[0]}`, details: { problems } });
  }
}
