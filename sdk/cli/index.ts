/** The parts of the author's command that other tools share. */
export { BundleFailed, bundlePlugin, pluginGlobal, type Bundle, type BundleOptions } from './bundle.ts';
