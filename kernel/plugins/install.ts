import { Conflict, defineError, NotFound, ValidationError, type JsonObject } from '@proofpix/sdk';
import type { Installation, PluginVersion } from './installed-plugin.ts';
import type { Installations } from './installations.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Packages } from './packages.ts';
import { planInstallation, type InstallationPlan, type PlanDeps } from './plan.ts';
import { schemaProblem } from './schema-check.ts';

export const ConsentRequired = defineError({ code: 'CONSENT_REQUIRED', kind: 'conflict', message: 'The plugin asks for capabilities that were not granted.' });

/** What changes which plugins a tenant runs. Every change takes effect between two requests, never within one. */
export interface Installer {
  plan(tenantId: string, pluginId: string, version: string | undefined): Promise<InstallationPlan>;
  /** @throws CONSENT_REQUIRED with `details.capabilities` when `grants` lacks one the plan lists; DEPENDENCY_UNSOLVABLE; UNAVAILABLE when the version does not start */
  install(tenantId: string, by: string | null, request: { pluginId: string; version?: string; grants: readonly string[]; config?: JsonObject }): Promise<Installation>;
  setEnabled(tenantId: string, pluginId: string, enabled: boolean): Promise<Installation>;
  /** Back to the version before the last upgrade, with the data as it is: migrations only ever expand. */
  rollback(tenantId: string, pluginId: string): Promise<Installation>;
  uninstall(tenantId: string, pluginId: string, data: 'keep' | 'purge'): Promise<boolean>;
  setConfig(tenantId: string, pluginId: string, config: JsonObject): Promise<JsonObject>;
}

export interface InstallerDeps extends PlanDeps {
  installations: Installations;
  packages: Packages;
  lifecycle: Lifecycle;
  /** Makes what changed visible on this node before the caller gets its answer. */
  refresh(): Promise<void>;
  /** Removes everything that a plugin stored for a tenant. */
  purge(tenantId: string, pluginId: string): Promise<void>;
  /** Ends versions that no tenant runs any more. */
  retire(pluginId: string): void;
}

export function openInstaller(deps: InstallerDeps): Installer {
  const { installations, versions, lifecycle, refresh } = deps;

  /** The tenant's installation, or the implicit one of a first-party plugin that every tenant has. */
  function current(tenantId: string, pluginId: string): Installation {
    const installation = installations.get(tenantId, pluginId);
    if (installation !== null) return installation;
    const version = deps.everyTenant(pluginId) ? versions.deployed(pluginId) : null;
    if (version === null) throw NotFound({ message: `The plugin ${pluginId} is not installed.` });
    return { tenantId, pluginId, version: version.manifest.version, previousVersion: null, enabled: true, grants: [], config: {} };
  }

  function checkConfig(version: PluginVersion, config: JsonObject): void {
    if (version.manifest.config === undefined) {
      if (Object.keys(config).length > 0) throw ValidationError({ message: 'This plugin has no configuration.', details: { field: 'config', issue: 'must be empty' } });
      return;
    }
    const problem = schemaProblem(version.manifest.config, config, 'config');
    if (problem !== null) throw ValidationError({ message: `${problem.field} ${problem.issue}.`, details: { ...problem } });
  }

  async function put(installation: Installation, by: string | null): Promise<Installation> {
    await installations.put(installation, by);
    await refresh();
    return installation;
  }

  /** Who of this tenant needs the plugin that is about to go. */
  function dependants(tenantId: string, pluginId: string): string[] {
    return installations.ofTenant(tenantId).filter((one) => one.enabled && one.pluginId !== pluginId && versions.get(one.pluginId, one.version)?.manifest.dependencies[pluginId]?.optional === undefined && Object.hasOwn(versions.get(one.pluginId, one.version)?.manifest.dependencies ?? {}, pluginId)).map((one) => one.pluginId);
  }

  return {
    plan: (tenantId, pluginId, version) => planInstallation(deps, tenantId, pluginId, version),
    async install(tenantId, by, { pluginId, version, grants, config }) {
      const plan = await planInstallation(deps, tenantId, pluginId, version);
      const missing = plan.capabilities.filter(({ capability }) => !grants.includes(capability));
      if (missing.length > 0) throw ConsentRequired({ details: { capabilities: missing } });
      const absent = plan.dependencies.filter((dependency) => !dependency.installed && dependency.pluginId !== pluginId);
      if (absent.length > 0) throw Conflict({ message: `Install first: ${absent.map((dependency) => `${dependency.pluginId} ${dependency.version}`).join(', ')}.`, details: { dependencies: absent } });
      const target = versions.require(pluginId, plan.version);
      const before = installations.get(tenantId, pluginId);
      checkConfig(target, config ?? before?.config ?? {});
      if (!(await lifecycle.start(target))) throw Conflict({ message: `${pluginId} ${plan.version} does not start.`, details: { problem: lifecycle.status(pluginId, plan.version).problem } });
      const previousVersion = before === null || before.version === plan.version ? (before?.previousVersion ?? null) : before.version;
      const installed = await put({ tenantId, pluginId, version: plan.version, previousVersion, enabled: true, grants: plan.capabilities.map(({ capability }) => capability), config: (config ?? before?.config ?? {}) as Installation['config'] }, by);
      deps.retire(pluginId);
      return installed;
    },
    async setEnabled(tenantId, pluginId, enabled) {
      const installation = current(tenantId, pluginId);
      if (!enabled) {
        const needing = dependants(tenantId, pluginId);
        if (needing.length > 0) throw Conflict({ message: `${needing.join(', ')} needs ${pluginId}.`, details: { dependants: needing } });
      }
      if (enabled && !(await lifecycle.start(versions.require(pluginId, installation.version)))) throw Conflict({ message: `${pluginId} ${installation.version} does not start.`, details: { problem: lifecycle.status(pluginId, installation.version).problem } });
      return put({ ...installation, enabled }, null);
    },
    async rollback(tenantId, pluginId) {
      const installation = current(tenantId, pluginId);
      const { previousVersion } = installation;
      if (previousVersion === null) throw Conflict({ message: `There is no version of ${pluginId} to go back to.` });
      const target = versions.require(pluginId, previousVersion);
      if (!(await lifecycle.start(target))) throw Conflict({ message: `${pluginId} ${previousVersion} does not start.` });
      const rolledBack = await put({ ...installation, version: previousVersion, previousVersion: installation.version, grants: installation.grants.filter((grant) => target.manifest.capabilities.includes(grant)) }, null);
      deps.retire(pluginId);
      return rolledBack;
    },
    async uninstall(tenantId, pluginId, data) {
      const installation = installations.get(tenantId, pluginId);
      if (installation === null) return false;
      const needing = dependants(tenantId, pluginId);
      if (needing.length > 0) throw Conflict({ message: `${needing.join(', ')} needs ${pluginId}.`, details: { dependants: needing } });
      await installations.remove(tenantId, pluginId);
      await refresh();
      if (data === 'purge') await deps.purge(tenantId, pluginId);
      deps.retire(pluginId);
      return true;
    },
    async setConfig(tenantId, pluginId, config) {
      const installation = current(tenantId, pluginId);
      checkConfig(versions.require(pluginId, installation.version), config);
      await put({ ...installation, config: config as Installation['config'] }, null);
      return config;
    },
  };
}
