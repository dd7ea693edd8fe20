import vm from 'node:vm';
import type { Manifest } from '../manifest.ts';
import { BundleFailed, pluginGlobal } from './bundle.ts';

/** Time a plugin has to load, so that a loop at its top level ends the command and not the day. */
const timeoutMs = 5_000;

/**
 * The manifest a bundled script shows when it is loaded. The script runs in a context of its own
 * with nothing in it but what a sandbox has; a context is no wall, so this is for the author's own code only.
 *
 * @throws BUNDLE_FAILED when it throws, loops or leaves no plugin.
 */
export function evaluateManifest(code: string): Manifest {
  const context = vm.createContext({ TextEncoder, TextDecoder, URL, URLSearchParams });
  try {
    vm.runInContext(code, context, { filename: 'plugin.js', timeout: timeoutMs });
  } catch (cause) {
    const { message } = cause as Error;
    throw BundleFailed({ message: `The plugin throws while it is loaded: ${message}`, details: { problems: [message] }, cause });
  }
  const left = (context as Record<string, { plugin?: { manifest?: unknown } } | undefined>)[pluginGlobal];
  if (left?.plugin?.manifest === undefined) throw BundleFailed({ message: 'The default export is not a plugin: export default definePlugin({…}).', details: { problems: ['the default export is not a plugin'] } });
  return JSON.parse(JSON.stringify(left.plugin.manifest)) as Manifest;
}
