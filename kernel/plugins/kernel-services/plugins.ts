import { Forbidden, kernelPlugins, NotFound, type JsonObject } from '@proofpix/sdk';
import type { Auth } from '../../auth/contract.ts';
import type { Blobs, SecretStore } from '../../storage/contract.ts';
import type { PluginCall } from '../call.ts';
import { describeCapability } from '../capabilities.ts';
import { ownerOf, tenantOf } from '../host/host-call.ts';
import type { Installation } from '../installed-plugin.ts';
import type { Installations } from '../installations.ts';
import type { Installer } from '../install.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { deploymentScope, type Packages } from '../packages.ts';
import { withDefaults } from '../schema-check.ts';
import type { KernelService } from '../services.ts';
import type { TenantPlugins } from '../tenant-plugins.ts';
import type { Versions } from '../versions.ts';

export interface PluginsServiceDeps {
  installer: Installer;
  installations: Installations;
  packages: Packages;
  versions: Versions;
  lifecycle: Lifecycle;
  tenantPlugins: TenantPlugins;
  blobs: Blobs;
  secrets: SecretStore;
  auth: Auth;
  refresh(): Promise<void>;
}

const notices = (capabilities: readonly string[], granted: readonly string[]) => capabilities.map((capability) => ({ capability, description: describeCapability(capability), isNew: !granted.includes(capability) }));

/** Whose scope a request names; the deployment's is for operators. */
function scopeOf(call: PluginCall, deployment: boolean | undefined): string {
  if (deployment !== true) return tenantOf(call);
  if (!call.principal.operator) throw Forbidden({ message: 'Only an operator acts for the whole deployment.' });
  return deploymentScope;
}

/** `kernel.plugins`: the marketplace's way to the kernel. Every change is in the tenant's audit chain. */
export function pluginsService(deps: PluginsServiceDeps): KernelService {
  const { installer, installations, packages, versions, lifecycle, tenantPlugins, blobs, secrets, auth } = deps;

  function installed(tenantId: string, pluginId: string) {
    const installation = installations.get(tenantId, pluginId);
    const running = tenantPlugins.get(tenantId, pluginId);
    const version = versions.get(pluginId, installation?.version ?? running?.version.manifest.version ?? '') ?? versions.deployed(pluginId);
    if (version === null || (installation === null && running === null)) throw NotFound({ message: `The plugin ${pluginId} is not installed.` });
    const status = lifecycle.status(pluginId, version.manifest.version);
    return {
      id: pluginId,
      version: version.manifest.version,
      previousVersion: installation?.previousVersion ?? null,
      enabled: installation?.enabled ?? true,
      trust: version.trust,
      runtime: version.runtime,
      state: status.state,
      problem: status.problem,
      grants: [...(running?.grants ?? installation?.grants ?? [])],
    };
  }

  async function audited(call: PluginCall, action: string, installation: Installation) {
    await auth.audit({ tenantId: tenantOf(call), actor: { ...call.principal, impersonatorId: call.identity?.impersonatorId ?? null }, action: `plugins.${action}`, target: installation.pluginId, details: { version: installation.version, enabled: installation.enabled, grants: [...installation.grants] }, requestId: call.requestId });
    return installed(installation.tenantId, installation.pluginId);
  }

  const methods = {
    async listAvailable(call: PluginCall) {
      const tenantId = tenantOf(call);
      const items = [...(await packages.offeredTo(tenantId)).map(({ manifest }) => ({ manifest, trust: 'third-party' })), ...versions.all().filter(({ trust }) => trust === 'first-party')];
      return {
        items: items.map(({ manifest, trust }) => ({
          id: manifest.id,
          version: manifest.version,
          title: manifest.title,
          description: manifest.description,
          publisher: manifest.publisher ?? null,
          trust,
          capabilities: notices(manifest.capabilities, tenantPlugins.get(tenantId, manifest.id)?.grants ?? []),
          installed: tenantPlugins.get(tenantId, manifest.id)?.version.manifest.version === manifest.version,
        })),
      };
    },
    async listInstalled(call: PluginCall) {
      const tenantId = tenantOf(call);
      const ids = new Set([...tenantPlugins.of(tenantId).map(({ version }) => version.manifest.id), ...installations.ofTenant(tenantId).map(({ pluginId }) => pluginId)]);
      return { items: [...ids].toSorted().map((id) => installed(tenantId, id)) };
    },
    async trustKey(call: PluginCall, { publisher, publicKey, deployment }: { publisher: string; publicKey: string; deployment?: boolean }) {
      return { keyId: await packages.trust({ publisher, publicKey }, scopeOf(call, deployment)) };
    },
    async revokeKey(call: PluginCall, { keyId, deployment }: { keyId: string; deployment?: boolean }) {
      return { revoked: await packages.revoke(keyId, scopeOf(call, deployment)) };
    },
    async upload(call: PluginCall, { file, deployment }: { file: string; deployment?: boolean }) {
      scopeOf(call, deployment);
      const source = await blobs.open(ownerOf(call), file, { start: 0, end: null });
      const { manifest, digest } = await packages.add(source, { tenantId: tenantOf(call), deployment: deployment === true });
      await deps.refresh();
      return { pluginId: manifest.id, version: manifest.version, digest, title: manifest.title, capabilities: notices(manifest.capabilities, tenantPlugins.get(call.tenantId, manifest.id)?.grants ?? []) };
    },
    plan: (call: PluginCall, { pluginId, version }: { pluginId: string; version?: string }) => installer.plan(tenantOf(call), pluginId, version),
    async install(call: PluginCall, request: { pluginId: string; version?: string; grants: string[]; config?: JsonObject }) {
      return audited(call, 'installed', await installer.install(tenantOf(call), call.principal.userId, request));
    },
    async setEnabled(call: PluginCall, { pluginId, enabled }: { pluginId: string; enabled: boolean }) {
      return audited(call, enabled ? 'enabled' : 'disabled', await installer.setEnabled(tenantOf(call), pluginId, enabled));
    },
    async rollback(call: PluginCall, { pluginId }: { pluginId: string }) {
      return audited(call, 'rolled-back', await installer.rollback(tenantOf(call), pluginId));
    },
    async uninstall(call: PluginCall, { pluginId, data }: { pluginId: string; data: 'keep' | 'purge' }) {
      const tenantId = tenantOf(call);
      const uninstalled = await installer.uninstall(tenantId, pluginId, data);
      if (uninstalled) await auth.audit({ tenantId, actor: { ...call.principal, impersonatorId: call.identity?.impersonatorId ?? null }, action: 'plugins.uninstalled', target: pluginId, details: { data }, requestId: call.requestId });
      return { uninstalled };
    },
    async getConfig(call: PluginCall, { pluginId }: { pluginId: string }) {
      const tenantId = tenantOf(call);
      const { version } = installed(tenantId, pluginId);
      const { manifest } = versions.require(pluginId, version);
      const declared = await Promise.all(Object.entries(manifest.secrets).filter(([, secret]) => secret.deployment !== true).map(async ([name, { title }]) => ({ name, title, isSet: await secrets.has({ tenantId, pluginId }, name) })));
      return { schema: manifest.config ?? null, config: withDefaults(manifest.config, installations.get(tenantId, pluginId)?.config ?? {}), secrets: declared };
    },
    async setConfig(call: PluginCall, { pluginId, config, secrets: given = {} }: { pluginId: string; config?: JsonObject; secrets?: Record<string, string | null> }) {
      const tenantId = tenantOf(call);
      const { manifest } = versions.require(pluginId, installed(tenantId, pluginId).version);
      for (const name of Object.keys(given)) if (!Object.hasOwn(manifest.secrets, name) || manifest.secrets[name]?.deployment === true) throw NotFound({ message: `${pluginId} declares no secret ${name}.` });
      const saved = config === undefined ? (installations.get(tenantId, pluginId)?.config ?? {}) : await installer.setConfig(tenantId, pluginId, config);
      for (const [name, value] of Object.entries(given)) await secrets.set({ tenantId, pluginId }, name, value);
      await auth.audit({ tenantId, actor: { ...call.principal, impersonatorId: call.identity?.impersonatorId ?? null }, action: 'plugins.configured', target: pluginId, details: { secrets: Object.keys(given) }, requestId: call.requestId });
      return { config: saved };
    },
  };
  return { ref: kernelPlugins, capability: 'kernel:plugins', methods: methods as unknown as KernelService['methods'] };
}
