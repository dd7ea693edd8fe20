import { Conflict, defineError, NotFound, ValidationError, type JsonObject, type Manifest } from '@proofpix/sdk';
import type { Installation, PluginVersion } from './installed-plugin.ts';
import type { Installations } from './installations.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Packages } from './packages.ts';
import { planInstallation, solveInstallation, type InstallationPlan, type PlanDeps } from './plan.ts';
import { schemaProblem, withDefaults } from './schema-check.ts';

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
  /** Manifests that a tenant runs now. */
  running(tenantId: string): readonly Manifest[];
}

export function openInstaller(deps: InstallerDeps): Installer {
  const { installations, versions, lifecycle, refresh } = deps;

  /** A tenant's installation, or the implicit one of a first-party plugin that every tenant has. */
  function existing(tenantId: string, pluginId: string, installation: Installation | null): Installation {
    if (installation !== null) return installation;
    const version = deps.everyTenant(pluginId) ? versions.deployed(pluginId) : null;
    if (version === null) throw NotFound({ message: `The plugin ${pluginId} is not installed.` });
    return { tenantId, pluginId, version: version.manifest.version, previousVersion: null, enabled: true, grants: [], config: {} };
  }

  const current = (tenantId: string, pluginId: string): Installation => existing(tenantId, pluginId, installations.get(tenantId, pluginId));

  function checkConfig(version: PluginVersion, config: JsonObject): void {
    if (version.manifest.config === undefined) {
      if (Object.keys(config).length > 0) throw ValidationError({ message: 'This plugin has no configuration.', details: { field: 'config', issue: 'must be empty' } });
      return;
    }
    const problem = schemaProblem(version.manifest.config, withDefaults(version.manifest.config, config), 'config');
    if (problem !== null) throw ValidationError({ message: `${problem.field} ${problem.issue}.`, details: { ...problem } });
  }

  async function update(tenantId: string, pluginId: string, by: string | null, change: (current: Installation | null) => Installation): Promise<Installation> {
    const updated = await installations.update(tenantId, pluginId, by, change);
    await refresh();
    return updated;
  }

  async function started(pluginId: string, version: string): Promise<PluginVersion> {
    const target = versions.require(pluginId, version);
    if (!(await lifecycle.start(target))) throw Conflict({ message: `${pluginId} ${version} does not start.`, details: { problem: lifecycle.status(pluginId, version).problem } });
    return target;
  }

  /** Who of this tenant needs the plugin that is about to go. */
  function dependants(tenantId: string, pluginId: string): string[] {
    return deps.running(tenantId).flatMap(({ id, dependencies }) => (Object.hasOwn(dependencies, pluginId) && dependencies[pluginId]?.optional !== true ? [id] : []));
  }

  return {
    plan: (tenantId, pluginId, version) => planInstallation(deps, tenantId, pluginId, version),
    async install(tenantId, by, { pluginId, version, grants, config }) {
      const plan = await solveInstallation(deps, tenantId, pluginId, version);
      const missing = plan.capabilities.filter(({ capability }) => !grants.includes(capability));
      if (missing.length > 0) throw ConsentRequired({ details: { capabilities: missing } });
      const absent = plan.dependencies.filter((dependency) => !dependency.installed && dependency.pluginId !== pluginId);
      if (absent.length > 0) throw Conflict({ message: `Install first: ${absent.map((dependency) => `${dependency.pluginId} ${dependency.version}`).join(', ')}.`, details: { dependencies: absent } });
      const target = versions.require(pluginId, plan.version);
      checkConfig(target, config ?? installations.get(tenantId, pluginId)?.config ?? {});
      await started(pluginId, plan.version);
      return update(tenantId, pluginId, by, (before) => ({
        tenantId,
        pluginId,
        version: plan.version,
        previousVersion: before === null || before.version === plan.version ? (before?.previousVersion ?? null) : before.version,
        enabled: true,
        grants: plan.capabilities.map(({ capability }) => capability),
        config: (config ?? before?.config ?? {}) as Installation['config'],
      }));
    },
    async setEnabled(tenantId, pluginId, enabled) {
      const installation = current(tenantId, pluginId);
      if (enabled) await started(pluginId, installation.version);
      const needing = enabled ? [] : dependants(tenantId, pluginId);
      if (needing.length > 0) throw Conflict({ message: `${needing.join(', ')} needs ${pluginId}.`, details: { dependants: needing } });
      return update(tenantId, pluginId, null, (before) => ({ ...existing(tenantId, pluginId, before), enabled }));
    },
    async rollback(tenantId, pluginId) {
      const { version, previousVersion } = current(tenantId, pluginId);
      if (previousVersion === null) throw Conflict({ message: `There is no version of ${pluginId} to go back to.` });
      const target = await started(pluginId, previousVersion);
      return update(tenantId, pluginId, null, (before) => {
        const now = existing(tenantId, pluginId, before);
        if (now.version !== version) throw Conflict({ message: 'The plugin was changed by somebody else at the same time.' });
        return { ...now, version: previousVersion, previousVersion: version, grants: now.grants.filter((grant) => target.manifest.capabilities.includes(grant)) };
      });
    },
    async uninstall(tenantId, pluginId, data) {
      const installation = installations.get(tenantId, pluginId);
      if (installation === null) return false;
      const needing = dependants(tenantId, pluginId);
      if (needing.length > 0) throw Conflict({ message: `${needing.join(', ')} needs ${pluginId}.`, details: { dependants: needing } });
      await installations.remove(tenantId, pluginId);
      await refresh();
      if (data === 'purge') await deps.purge(tenantId, pluginId);
      return true;
    },
    async setConfig(tenantId, pluginId, config) {
      const installation = current(tenantId, pluginId);
      checkConfig(versions.require(pluginId, installation.version), config);
      await update(tenantId, pluginId, null, (before) => ({ ...existing(tenantId, pluginId, before), config: config as Installation['config'] }));
      return config;
    },
  };
}
