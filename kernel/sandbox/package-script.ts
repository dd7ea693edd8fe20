import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundlePlugin, pluginGlobal, unusedSchemas } from '@proofpix/sdk/cli';

const here = dirname(fileURLToPath(import.meta.url));
const serveGlobal = '__proofpixServe';

/** The guest's half of the bridge without a plugin: made once, it depends on this host only. */
async function makeGuest(): Promise<string> {
  const contents = [
    `import ${JSON.stringify(join(here, 'guest/prelude.ts'))};`,
    `import { serve } from ${JSON.stringify(join(here, 'guest/main.ts'))};`,
    `globalThis.${serveGlobal} = serve;`,
  ].join('\n');
  const made = await build({
    stdin: { contents, resolveDir: here, sourcefile: 'package-script.ts', loader: 'ts' },
    absWorkingDir: here,
    bundle: true,
    write: false,
    format: 'iife',
    target: 'esnext',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [unusedSchemas],
  });
  return made.outputFiles[0]?.text ?? '';
}

let guest: Promise<string> | null = null;

/**
 * The script of a package (`plugin.js`, which leaves `{plugin, dispatch}` in a global) with this
 * host's guest around it, ready for `Sandbox.load` and `extractManifest`. A package thereby carries
 * its own SDK and nothing of the bridge, which may change with the host.
 */
export async function packageScript(code: string): Promise<string> {
  guest ??= makeGuest();
  const tail = [
    '(() => {',
    `  const { ${pluginGlobal}: made, ${serveGlobal}: serve } = globalThis;`,
    `  delete globalThis.${pluginGlobal};`,
    `  delete globalThis.${serveGlobal};`,
    '  globalThis.__receive = serve(made.plugin, made.dispatch);',
    '})();',
  ];
  return `${await guest}\n${code}\n;${tail.join('\n')}\n`;
}

/**
 * Bundles a plugin of this deployment for the sandbox, in the same way an author's package is.
 *
 * @throws BUNDLE_FAILED naming import and file, for a Node.js built-in, native code, a missing module or a syntax error
 */
export async function bundle(entry: string): Promise<{ code: string }> {
  return { code: await packageScript((await bundlePlugin({ entry })).code) };
}
