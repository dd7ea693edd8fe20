import { NotFound, type Manifest } from '@proofpix/sdk';
import semver from 'semver';
import type { PluginVersion } from './installed-plugin.ts';
import type { Candidate } from './solver.ts';

/** Every plugin version that this node can run, with its state. */
export interface Versions {
  add(version: PluginVersion): void;
  remove(pluginId: string, version: string): void;
  get(pluginId: string, version: string): PluginVersion | null;
  /** @throws NOT_FOUND */
  require(pluginId: string, version: string): PluginVersion;
  /** What a tenant without an installation of its own runs: the deployment's version of a first-party plugin. */
  deployed(pluginId: string): PluginVersion | null;
  all(): readonly PluginVersion[];
  candidates(pluginId: string): readonly Candidate[];
  /** Which plugin owns a first-party path. */
  ownerOf(path: string): string | null;
}

const candidateOf = ({ id, version, engine, dependencies }: Manifest): Candidate => ({ id, version, engine, dependencies });

export function openVersions(): Versions {
  const byPlugin = new Map<string, Map<string, PluginVersion>>();
  let prefixes: readonly (readonly [prefix: string, pluginId: string])[] = [];

  function reindex(): void {
    prefixes = [...byPlugin]
      .flatMap(([id, versions]) => [...versions.values()].flatMap((version) => version.prefixes.map((prefix) => [prefix, id] as const)))
      // The longest prefix wins.
      .toSorted(([a], [b]) => b.length - a.length);
  }

  const get: Versions['get'] = (pluginId, version) => byPlugin.get(pluginId)?.get(version) ?? null;

  return {
    add(version) {
      const { id, version: number } = version.manifest;
      const versions = byPlugin.get(id) ?? new Map<string, PluginVersion>();
      versions.set(number, version);
      byPlugin.set(id, versions);
      reindex();
    },
    remove(pluginId, version) {
      byPlugin.get(pluginId)?.delete(version);
      reindex();
    },
    get,
    require(pluginId, version) {
      const found = get(pluginId, version);
      if (found === null) throw NotFound({ message: `There is no plugin ${pluginId} ${version} here.` });
      return found;
    },
    deployed(pluginId) {
      const versions = [...(byPlugin.get(pluginId)?.values() ?? [])].filter((version) => version.trust === 'first-party');
      return versions.toSorted((a, b) => semver.rcompare(a.manifest.version, b.manifest.version))[0] ?? null;
    },
    all: () => [...byPlugin.values()].flatMap((versions) => [...versions.values()]),
    candidates: (pluginId) => [...(byPlugin.get(pluginId)?.values() ?? [])].map((version) => candidateOf(version.manifest)),
    ownerOf(path) {
      if (path.startsWith('/api/x/')) {
        const end = path.indexOf('/', 7);
        const id = end === -1 ? path.slice(7) : path.slice(7, end);
        return byPlugin.has(id) ? id : null;
      }
      for (const [prefix, id] of prefixes) if (path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/' || path[prefix.length] === '?')) return id;
      return null;
    },
  };
}
