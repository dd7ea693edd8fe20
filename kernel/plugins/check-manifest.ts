import { defineError, engineVersion, Manifest } from '@proofpix/sdk';
import semver from 'semver';
import { Compile } from 'typebox/compile';
import { capabilityProblem, grantsOf } from './capabilities.ts';

export const ManifestInvalid = defineError({ code: 'MANIFEST_INVALID', kind: 'invalid', message: 'The manifest is not valid.' });

export interface ManifestProblem {
  /** JSON pointer (RFC 6901) into the manifest. */
  path: string;
  issue: string;
}

/** Where a plugin comes from decides what it may declare. */
export interface Origin {
  trust: 'first-party' | 'third-party';
  /** Path prefixes a first-party plugin owns. */
  prefixes?: readonly string[];
  /** Why a JSON Schema may not be used, or null; third-party schemas are hostile. */
  schemaProblem?: (schema: unknown) => string | null;
}

const shape = Compile(Manifest);
/** More is cut: a hostile manifest must not make a hostile error. */
const maxProblems = 50;

function shapeProblems(raw: unknown): ManifestProblem[] {
  if (shape.Check(raw)) return [];
  return shape.Errors(raw).slice(0, maxProblems).map((error) => ({ path: error.instancePath, issue: error.message }));
}

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

function* routeProblems(manifest: Manifest, origin: Origin): Generator<ManifestProblem> {
  const seen = new Set<string>();
  const names = new Set<string>();
  for (const [at, route] of manifest.routes.entries()) {
    const path = `/routes/${at}`;
    const key = `${route.method} ${route.path.replaceAll(/:[^/]+/g, ':')}`;
    if (seen.has(key)) yield { path, issue: `a second route for ${route.method} ${route.path}` };
    if (names.has(route.name)) yield { path: `${path}/name`, issue: `a second route named ${route.name}` };
    seen.add(key);
    names.add(route.name);
    if (origin.trust === 'third-party' && route.access === 'operator') yield { path: `${path}/access`, issue: 'only a first-party plugin may have operator routes' };
    if (origin.trust === 'first-party' && !(origin.prefixes ?? []).some((prefix) => route.path === prefix || route.path.startsWith(`${prefix}/`))) yield { path: `${path}/path`, issue: `is outside the plugin's prefixes ${(origin.prefixes ?? []).join(', ')}` };
    if (route.permission !== undefined && !isKnownPermission(manifest, route.permission)) yield { path: `${path}/permission`, issue: `${route.permission} is not declared under permissions` };
    if (route.access === 'public' && route.permission !== undefined) yield { path: `${path}/permission`, issue: 'a public route has nobody to hold a permission' };
    if (route.access !== 'public' && route.tenantFrom !== undefined) yield { path: `${path}/tenantFrom`, issue: 'only a public route finds its tenant by a link' };
    if (route.method === 'GET' && route.body !== undefined) yield { path: `${path}/body`, issue: 'GET has no body' };
  }
}

function isKnownPermission(manifest: Manifest, permission: string): boolean {
  const [plugin, action] = permission.split(':');
  return plugin === manifest.id && action !== undefined && Object.hasOwn(manifest.permissions, action);
}

function* meaningProblems(manifest: Manifest, origin: Origin): Generator<ManifestProblem> {
  if (semver.valid(manifest.version) === null) yield { path: '/version', issue: 'is not a semantic version' };
  if (semver.validRange(manifest.engine) === null) yield { path: '/engine', issue: 'is not a semver range' };
  else if (!semver.satisfies(engineVersion, manifest.engine)) yield { path: '/engine', issue: `asks for ${manifest.engine}, this engine is ${engineVersion}` };
  for (const [id, { range }] of Object.entries(manifest.dependencies)) {
    if (semver.validRange(range) === null) yield { path: `/dependencies/${id}/range`, issue: 'is not a semver range' };
    if (id === manifest.id) yield { path: `/dependencies/${id}`, issue: 'a plugin cannot depend on itself' };
  }
  for (const [at, capability] of manifest.capabilities.entries()) {
    const problem = capabilityProblem(capability);
    if (problem !== null) yield { path: `/capabilities/${at}`, issue: problem };
    if (origin.trust === 'third-party' && capability.startsWith('kernel:')) yield { path: `/capabilities/${at}`, issue: `${capability} is granted by operators to first-party plugins only` };
  }
  const grants = grantsOf(manifest.capabilities, null);
  for (const name of Object.keys(manifest.events)) {
    if (!name.startsWith(`${manifest.id}.`)) yield { path: `/events/${name}`, issue: `events of this plugin start with ${manifest.id}.` };
    else if (!grants.mayEmit(name)) yield { path: `/events/${name}`, issue: `needs the capability events:emit:${manifest.id}.*` };
  }
  for (const name of Object.keys(manifest.hookPoints)) if (!name.startsWith(`${manifest.id}.`)) yield { path: `/hookPoints/${name}`, issue: `hook points of this plugin start with ${manifest.id}.` };
  for (const id of Object.keys(manifest.provides)) if (!id.startsWith(`${manifest.id}.`)) yield { path: `/provides/${id}`, issue: `services of this plugin start with ${manifest.id}.` };
  for (const [at, { event }] of manifest.subscriptions.entries()) if (!grants.mayReceive(event)) yield { path: `/subscriptions/${at}`, issue: `needs the capability events:on:${event}` };
  for (const [at, { point }] of manifest.hooks.entries()) if (!grants.mayHook(point)) yield { path: `/hooks/${at}`, issue: `needs the capability hooks:${point}` };
  if (Object.keys(manifest.jobs).length > 0 && !grants.has('jobs')) yield { path: '/jobs', issue: 'needs the capability jobs' };
  for (const [name, { schema, indexes = [], unique = [] }] of Object.entries(manifest.collections)) {
    const fields = Object.keys((schema as { properties?: object }).properties ?? {});
    for (const field of [...indexes, ...unique].flat()) if (!fields.includes(field) && field !== 'createdAt' && field !== 'updatedAt') yield { path: `/collections/${name}`, issue: `the index names ${field}, which is no field` };
  }
  if (origin.schemaProblem !== undefined) {
    for (const [path, schema] of schemasOf(manifest)) {
      const problem = origin.schemaProblem(schema);
      if (problem !== null) yield { path, issue: problem };
    }
  }
  yield* routeProblems(manifest, origin);
}

/**
 * Checks a manifest's shape and meaning without running any code of the plugin.
 *
 * @throws MANIFEST_INVALID with `details.problems`, at most {@link maxProblems} of them.
 */
export function checkManifest(raw: unknown, origin: Origin): Manifest {
  const problems = shapeProblems(raw);
  if (problems.length === 0) problems.push(...meaningProblems(raw as Manifest, origin).take(maxProblems));
  const [first] = problems;
  if (first !== undefined) {
    throw ManifestInvalid({ message: `The manifest is not valid: ${first.path === '' ? 'it' : first.path} ${first.issue}`, details: { problems } });
  }
  return raw as Manifest;
}
