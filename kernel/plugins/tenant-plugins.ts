import type { Installation, PluginVersion } from './installed-plugin.ts';
import type { Installations } from './installations.ts';
import type { Versions } from './versions.ts';

/** A plugin as a tenant runs it now. */
export interface EnabledPlugin {
  version: PluginVersion;
  /** What its calls may do: the tenant's consent, or the whole manifest and the operator's grants for a first-party plugin. */
  grants: readonly string[];
  config: Readonly<Record<string, never>>;
}

/** Which plugins a tenant runs; the answer is kept until an installation or a version changes. */
export interface TenantPlugins {
  get(tenantId: string | null, pluginId: string): EnabledPlugin | null;
  of(tenantId: string): readonly EnabledPlugin[];
  forget(tenantIds: Iterable<string> | 'all'): void;
}

/** Tenants whose answer is kept; the one unused for longest goes first. */
const maxTenants = 20_000;

export interface TenantPluginsDeps {
  versions: Versions;
  installations: Installations;
  /** Whether a first-party plugin is on for tenants that never touched it. */
  everyTenant(pluginId: string): boolean;
  /** A version that failed to start is not run, whoever installed it. */
  isReady(version: PluginVersion): boolean;
}

export function openTenantPlugins({ versions, installations, everyTenant, isReady }: TenantPluginsDeps): TenantPlugins {
  const cache = new Map<string, ReadonlyMap<string, EnabledPlugin>>();

  function enabled(version: PluginVersion, installation: Installation | null): EnabledPlugin {
    const grants = version.trust === 'first-party' ? [...version.manifest.capabilities.filter((one) => !one.startsWith('kernel:')), ...version.operatorGrants] : (installation?.grants ?? []);
    return { version, grants, config: installation?.config ?? {} };
  }

  function resolve(tenantId: string): ReadonlyMap<string, EnabledPlugin> {
    const known = cache.get(tenantId);
    if (known !== undefined) return known;
    const found = new Map<string, EnabledPlugin>();
    for (const installation of installations.ofTenant(tenantId)) {
      const version = versions.get(installation.pluginId, installation.version) ?? versions.deployed(installation.pluginId);
      if (installation.enabled && version !== null && isReady(version)) found.set(installation.pluginId, enabled(version, installation));
    }
    for (const { manifest } of versions.all()) {
      if (found.has(manifest.id) || !everyTenant(manifest.id) || installations.get(tenantId, manifest.id) !== null) continue;
      const version = versions.deployed(manifest.id);
      if (version !== null && isReady(version)) found.set(manifest.id, enabled(version, null));
    }
    cache.set(tenantId, found);
    if (cache.size > maxTenants) cache.delete(cache.keys().next().value as string);
    return found;
  }

  return {
    get(tenantId, pluginId) {
      if (tenantId !== null) return resolve(tenantId).get(pluginId) ?? null;
      const version = versions.deployed(pluginId);
      return version !== null && isReady(version) ? enabled(version, null) : null;
    },
    of: (tenantId) => [...resolve(tenantId).values()],
    forget(tenantIds) {
      if (tenantIds === 'all') cache.clear();
      else for (const tenantId of tenantIds) cache.delete(tenantId);
    },
  };
}

/** Subscriptions of a tenant's plugins to one event: public ones of others, any of one's own. */
export function subscriptionsTo(plugins: readonly EnabledPlugin[], event: string): { plugin: EnabledPlugin; name: string; retryLimit: number }[] {
  const emitter = event.slice(0, event.indexOf('.'));
  const isPublic = plugins.some(({ version }) => version.manifest.id === emitter && version.manifest.events[event]?.public === true);
  return plugins.flatMap((plugin) =>
    (plugin.version.manifest.id === emitter || isPublic ? plugin.version.manifest.subscriptions : [])
      .filter((subscription) => matchesPattern(subscription.event, event))
      .map((subscription) => ({ plugin, name: subscription.name, retryLimit: subscription.retryLimit ?? 5 })),
  );
}

/** `files.*` covers every event of files; anything else covers itself. */
function matchesPattern(pattern: string, event: string): boolean {
  return pattern.endsWith('.*') ? event.startsWith(pattern.slice(0, -1)) : pattern === event;
}
