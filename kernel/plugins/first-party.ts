import { fileURLToPath } from 'node:url';
import type { JsonObject, Manifest, Plugin } from '@proofpix/sdk';
import type { PluginEntry } from '../../config/plugins.ts';
import type { Settings } from '../../config/schema.ts';
import type { Logger } from '../log.ts';
import { bundle, extractManifest } from '../sandbox/index.ts';
import { limitsFor, type PluginVersion } from './installed-plugin.ts';
import { schemaProblem } from './schema-check.ts';

/** A first-party plugin as it was found: its code, or why there is none. */
export interface FirstPartyPlugin {
  entry: PluginEntry;
  version: PluginVersion | null;
  /** In process. */
  plugin: Plugin | null;
  /** Sandboxed. */
  code: string | null;
  problem: unknown;
  /** Deployment secrets of this plugin, by name. */
  secrets: Readonly<Record<string, string>>;
}

const noSettings = { maxProperties: 0 };

/** @throws Error naming the setting or secret that the manifest does not take; values are not in the message */
function versionOf(manifest: Manifest, entry: PluginEntry, given: ReturnType<NonNullable<PluginEntry['settings']>>): PluginVersion {
  const settings = structuredClone(given.values) as JsonObject;
  const problem = schemaProblem(manifest.settings ?? noSettings, settings, 'settings');
  if (problem !== null) throw new Error(`${manifest.id} does not take its settings: ${problem.field} ${problem.issue}`);
  const unknown = Object.keys(given.secrets ?? {}).find((name) => manifest.secrets[name]?.deployment !== true);
  if (unknown !== undefined) throw new Error(`${manifest.id} declares no deployment secret ${unknown}`);
  return { manifest, trust: 'first-party', runtime: entry.runtime, limits: limitsFor(manifest, 'first-party'), operatorGrants: entry.grants, prefixes: entry.prefixes, settings };
}

/**
 * Loads what `config/plugins.ts` names. In process, that imports the package; sandboxed, it bundles
 * it and asks the bundle for its manifest in a process of its own. One that cannot be loaded is
 * reported with its problem and stops nobody else.
 */
export async function loadFirstParty(entries: readonly PluginEntry[], settings: Settings, log: Logger): Promise<FirstPartyPlugin[]> {
  return Promise.all(
    entries.map(async (entry): Promise<FirstPartyPlugin> => {
      try {
        const given = entry.settings?.(settings) ?? { values: {} };
        const secrets = given.secrets ?? {};
        if (entry.runtime === 'in-process') {
          const { default: plugin } = (await import(entry.package)) as { default: Plugin };
          return { entry, version: versionOf(plugin.manifest, entry, given), plugin, code: null, problem: null, secrets };
        }
        const { code } = await bundle(fileURLToPath(import.meta.resolve(entry.package)));
        const manifest = (await extractManifest(code, { log })) as unknown as Manifest;
        return { entry, version: versionOf(manifest, entry, given), plugin: null, code, problem: null, secrets };
      } catch (error) {
        log.error({ err: error, package: entry.package }, 'a plugin cannot be loaded; everything else goes on');
        return { entry, version: null, plugin: null, code: null, problem: error, secrets: {} };
      }
    }),
  );
}
