/** The parts of the author's command that other tools share. */
export { BundleFailed, bundlePlugin, pluginGlobal, type Bundle, type BundleOptions } from './bundle.ts';
export { buildPlugin, packageEntries, type BuiltPlugin } from './plugin-folder.ts';
export { unusedSchemas } from './unused-schemas.ts';
export { exitCodes } from './command.ts';
export { runCli, type CliStreams } from './run-cli.ts';
