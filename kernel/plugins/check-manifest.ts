import { engineVersion, type Manifest } from '@proofpix/sdk';
import { ManifestInvalid, parseManifest, type ManifestIssue } from '@proofpix/sdk/packaging';
import semver from 'semver';
import { kernelNamespaces } from '../auth/kernel-permissions.ts';

/** Where a plugin comes from decides what it may declare. */
export interface Origin {
  trust: 'first-party' | 'third-party';
  /** Path prefixes a first-party plugin owns. */
  prefixes?: readonly string[];
  /** Why a JSON Schema may not be used, or null; third-party schemas are hostile. */
  schemaProblem?: (schema: unknown) => string | null;
}

/** More is cut: a hostile manifest must not make a hostile error. */
const maxIssues = 50;

function* schemasOf(manifest: Manifest): Generator<readonly [path: string, schema: unknown]> {
  if (manifest.config !== undefined) yield ['/config', manifest.config];
  for (const [name, collection] of Object.entries(manifest.collections)) yield [`/collections/${name}/schema`, collection.schema];
  for (const [name, event] of Object.entries(manifest.events)) yield [`/events/${name}/schema`, event.schema];
  for (const [name, point] of Object.entries(manifest.hookPoints)) yield [`/hookPoints/${name}/schema`, point.schema];
  for (const [name, job] of Object.entries(manifest.jobs)) yield [`/jobs/${name}/schema`, job.schema];
  for (const [at, route] of manifest.routes.entries()) {
    for (const part of ['params', 'query', 'response'] as const) if (route[part] !== undefined) yield [`/routes/${at}/${part}`, route[part]];
    if (route.body?.kind === 'json') yield [`/routes/${at}/body/schema`, route.body.schema];
    if (route.body?.kind === 'multipart' && route.body.fields !== undefined) yield [`/routes/${at}/body/fields`, route.body.fields];
  }
  for (const [id, service] of Object.entries(manifest.provides)) {
    for (const [name, method] of Object.entries(service.methods)) {
      yield [`/provides/${id}/methods/${name}/input`, method.input];
      yield [`/provides/${id}/methods/${name}/output`, method.output];
    }
  }
}

/** Authority that only operators hand out, and only to what they chose to run. */
function* thirdPartyIssues(manifest: Manifest): Generator<ManifestIssue> {
  for (const [at, capability] of manifest.capabilities.entries()) {
    if (capability.startsWith('kernel:')) yield { path: `/capabilities/${at}`, issue: `${capability} is granted by operators to first-party plugins only` };
  }
  if (manifest.settings !== undefined) yield { path: '/settings', issue: 'only a first-party plugin has settings of the deployment' };
  for (const [name, { deployment }] of Object.entries(manifest.secrets)) {
    if (deployment === true) yield { path: `/secrets/${name}/deployment`, issue: 'only a first-party plugin has secrets of the deployment' };
  }
  for (const [at, { access }] of manifest.routes.entries()) if (access === 'operator') yield { path: `/routes/${at}/access`, issue: 'only a first-party plugin may have operator routes' };
  for (const [name, { realtime }] of Object.entries(manifest.events)) {
    if (realtime !== undefined && !realtime.startsWith(`${manifest.id}:`)) yield { path: `/events/${name}/realtime`, issue: `sockets see events of this plugin as ${manifest.id}:…` };
  }
}

function* originIssues(manifest: Manifest, { trust, prefixes = [], schemaProblem }: Origin): Generator<ManifestIssue> {
  if (kernelNamespaces.has(manifest.id)) yield { path: '/id', issue: `${manifest.id} is the kernel's own` };
  if (!semver.satisfies(engineVersion, manifest.engine)) yield { path: '/engine', issue: `asks for ${manifest.engine}, this engine is ${engineVersion}` };
  if (trust === 'third-party') yield* thirdPartyIssues(manifest);
  else {
    for (const [at, { path }] of manifest.routes.entries()) {
      if (!prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))) yield { path: `/routes/${at}/path`, issue: `is outside the plugin's prefixes ${prefixes.join(', ')}` };
    }
  }
  if (schemaProblem === undefined) return;
  for (const [path, schema] of schemasOf(manifest)) {
    const issue = schemaProblem(schema);
    if (issue !== null) yield { path, issue };
  }
}

/**
 * Checks a manifest's shape and meaning, and what its origin allows, without running any code of the
 * plugin.
 *
 * @throws MANIFEST_INVALID with `details.issues`, at most {@link maxIssues} of them.
 */
export function checkManifest(raw: unknown, origin: Origin): Manifest {
  const manifest = parseManifest(raw);
  const issues = [...originIssues(manifest, origin).take(maxIssues)];
  const [first] = issues;
  if (first !== undefined) throw ManifestInvalid({ message: `The manifest is not valid: ${first.path} ${first.issue}.`, details: { issues } });
  return manifest;
}
