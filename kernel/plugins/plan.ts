import { engineVersion, type InstallationPlan as PlanSchema, type Static } from '@proofpix/sdk';
import { describeCapability } from './capabilities.ts';
import type { Installations } from './installations.ts';
import type { Packages } from './packages.ts';
import { solve, type Candidate } from './solver.ts';
import type { Versions } from './versions.ts';

export type InstallationPlan = Static<typeof PlanSchema>;

export interface SolveDeps {
  versions: Versions;
  installations: Installations;
  packages: Packages;
  everyTenant(pluginId: string): boolean;
}

export interface PlanDeps extends SolveDeps {
  /** The migration in a transaction that is rolled back. */
  dryRun(pluginId: string, version: string): Promise<{ statements: string[]; deferred: string[] }>;
}

/**
 * What installing would mean for a tenant, before anything is committed: versions with their
 * reasons, capabilities in plain words, routes, events, storage, limits and the migration.
 *
 * @throws DEPENDENCY_UNSOLVABLE with the reason in a sentence
 */
export async function planInstallation(deps: PlanDeps, tenantId: string, pluginId: string, wanted: string | undefined): Promise<InstallationPlan> {
  const plan = await solveInstallation(deps, tenantId, pluginId, wanted);
  return { ...plan, migration: await deps.dryRun(pluginId, plan.version) };
}

/** The plan without its migration, which takes a transaction of its own to find out. */
export async function solveInstallation({ versions, installations, packages, everyTenant }: SolveDeps, tenantId: string, pluginId: string, wanted: string | undefined): Promise<Omit<InstallationPlan, 'migration'>> {
  const offered = new Set((await packages.offeredTo(tenantId)).map(({ manifest }) => `${manifest.id}@${manifest.version}`));
  const available = (id: string): readonly Candidate[] => versions.candidates(id).filter((candidate) => versions.get(id, candidate.version)?.trust === 'first-party' || offered.has(`${id}@${candidate.version}`));
  const here = new Map(installations.ofTenant(tenantId).map((one) => [one.pluginId, one.version]));
  const has = (id: string): boolean => installations.get(tenantId, id)?.enabled ?? everyTenant(id);
  const solution = solve({ id: pluginId, range: wanted ?? '*' }, available, { engine: engineVersion, installed: wanted === undefined ? new Map([...here].filter(([id]) => id !== pluginId)) : here });
  const version = solution.versions.get(pluginId) as string;
  const { manifest, limits } = versions.require(pluginId, version);
  const before = installations.get(tenantId, pluginId);
  const base = versions.get(pluginId, version)?.trust === 'third-party' ? `/api/x/${pluginId}` : '';
  return {
    pluginId,
    version,
    title: manifest.title,
    description: manifest.description,
    publisher: manifest.publisher ?? null,
    replaces: before === null || before.version === version ? null : before.version,
    dependencies: solution.order.map((id) => ({ pluginId: id, version: solution.versions.get(id) as string, reason: solution.reasons.get(id) ?? '', installed: has(id) })),
    capabilities: manifest.capabilities.map((capability) => ({ capability, description: describeCapability(capability), isNew: before?.grants.includes(capability) !== true })),
    routes: manifest.routes.map((route) => ({ method: route.method, path: `${base}${route.path}`, access: route.access })),
    events: Object.keys(manifest.events),
    collections: Object.keys(manifest.collections),
    jobs: Object.keys(manifest.jobs),
    secrets: Object.keys(manifest.secrets),
    limits: { ...limits },
  };
}
