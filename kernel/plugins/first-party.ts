import { fileURLToPath } from 'node:url';
import type { Manifest, Plugin } from '@proofpix/sdk';
import type { PluginEntry } from '../../config/plugins.ts';
import type { Logger } from '../log.ts';
import { bundle, extractManifest } from '../sandbox/index.ts';
import { limitsFor, type PluginVersion } from './installed-plugin.ts';

/** A first-party plugin as it was found: its code, or why there is none. */
export interface FirstPartyPlugin {
  entry: PluginEntry;
  version: PluginVersion | null;
  /** In process. */
  plugin: Plugin | null;
  /** Sandboxed. */
  code: string | null;
  problem: unknown;
}

function versionOf(manifest: Manifest, entry: PluginEntry): PluginVersion {
  return { manifest, trust: 'first-party', runtime: entry.runtime, limits: limitsFor(manifest, 'first-party'), operatorGrants: entry.grants, prefixes: entry.prefixes };
}

/**
 * Loads what `config/plugins.ts` names. In process, that imports the package; sandboxed, it bundles
 * it and asks the bundle for its manifest in a process of its own. One that cannot be loaded is
 * reported with its problem and stops nobody else.
 */
export async function loadFirstParty(entries: readonly PluginEntry[], log: Logger): Promise<FirstPartyPlugin[]> {
  return Promise.all(
    entries.map(async (entry): Promise<FirstPartyPlugin> => {
      try {
        if (entry.runtime === 'in-process') {
          const { default: plugin } = (await import(entry.package)) as { default: Plugin };
          return { entry, version: versionOf(plugin.manifest, entry), plugin, code: null, problem: null };
        }
        const { code } = await bundle(fileURLToPath(import.meta.resolve(entry.package)));
        const manifest = (await extractManifest(code, { log })) as unknown as Manifest;
        return { entry, version: versionOf(manifest, entry), plugin: null, code, problem: null };
      } catch (error) {
        log.error({ err: error, package: entry.package }, 'a plugin cannot be loaded; everything else goes on');
        return { entry, version: null, plugin: null, code: null, problem: error };
      }
    }),
  );
}
