import semver from 'semver';
import type { Manifest } from '../manifest.ts';
import { capabilityProblem, grantsOf } from '../runtime/capabilities.ts';
import type { ManifestIssue } from './check-manifest.ts';

/** What a manifest promises beyond its schema. One function per part; each yields what it finds. */

type Issues = Generator<ManifestIssue, void, undefined>;

/** Fields the host adds to every record, which indexes may name. */
const hostFields = new Set(['id', 'createdAt', 'updatedAt']);

const pointer = (...steps: (string | number)[]): string => steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function* versions(manifest: Manifest): Issues {
  if (semver.valid(manifest.version) !== manifest.version) yield { path: '/version', issue: 'is not a semantic version such as 1.2.0' };
  if (semver.validRange(manifest.engine) === null) yield { path: '/engine', issue: 'is not a range of versions such as ^1.0.0' };
  for (const [id, { range }] of Object.entries(manifest.dependencies)) {
    if (id === manifest.id) yield { path: pointer('dependencies', id), issue: 'a plugin cannot depend on itself' };
    if (semver.validRange(range) === null) yield { path: pointer('dependencies', id, 'range'), issue: 'is not a range of versions' };
  }
}

function* capabilities(manifest: Manifest): Issues {
  for (const [i, capability] of manifest.capabilities.entries()) {
    const problem = capabilityProblem(capability);
    if (problem !== null) yield { path: pointer('capabilities', i), issue: problem };
    else if (capability.startsWith('events:emit:') && !capability.startsWith(`events:emit:${manifest.id}.`)) yield { path: pointer('capabilities', i), issue: `a plugin emits events of its own only: events:emit:${manifest.id}.*` };
  }
}

function* events(manifest: Manifest): Issues {
  const grants = grantsOf(manifest.capabilities, null);
  for (const name of Object.keys(manifest.events)) {
    if (!name.startsWith(`${manifest.id}.`)) yield { path: pointer('events', name), issue: `an event of this plugin starts with ${manifest.id}.` };
    else if (!grants.mayEmit(name)) yield { path: pointer('events', name), issue: `needs the capability events:emit:${name} or events:emit:${manifest.id}.*` };
  }
  const names = new Set<string>();
  for (const [i, { name, event }] of manifest.subscriptions.entries()) {
    if (names.has(name)) yield { path: pointer('subscriptions', i, 'name'), issue: `there are two subscriptions ${name}` };
    names.add(name);
    if (!event.startsWith(`${manifest.id}.`) && !grants.mayReceive(event)) yield { path: pointer('subscriptions', i, 'event'), issue: `needs the capability events:on:${event}` };
  }
}

function* hooks(manifest: Manifest): Issues {
  const grants = grantsOf(manifest.capabilities, null);
  for (const point of Object.keys(manifest.hookPoints)) {
    if (!point.startsWith(`${manifest.id}.`)) yield { path: pointer('hookPoints', point), issue: `a hook point of this plugin starts with ${manifest.id}.` };
  }
  const points = new Set<string>();
  for (const [i, { point }] of manifest.hooks.entries()) {
    if (points.has(point)) yield { path: pointer('hooks', i, 'point'), issue: `there are two hooks on ${point}` };
    points.add(point);
    if (!point.startsWith(`${manifest.id}.`) && !grants.mayHook(point)) yield { path: pointer('hooks', i, 'point'), issue: `needs the capability hooks:${point}` };
  }
}

function* routes(manifest: Manifest): Issues {
  const names = new Set<string>();
  const places = new Set<string>();
  for (const [i, route] of manifest.routes.entries()) {
    const place = `${route.method} ${route.path.replaceAll(/:[A-Za-z0-9_]+/g, ':')}`;
    if (names.has(route.name)) yield { path: pointer('routes', i, 'name'), issue: `there are two routes ${route.name}` };
    if (places.has(place)) yield { path: pointer('routes', i, 'path'), issue: `there are two routes ${route.method} ${route.path}` };
    names.add(route.name);
    places.add(place);
    if (route.tenantFrom !== undefined && route.access !== 'public' && route.access !== 'user') yield { path: pointer('routes', i, 'tenantFrom'), issue: 'only a public or user route looks for its tenant' };
    if (route.tenantFrom !== undefined && route.permission !== undefined) yield { path: pointer('routes', i, 'permission'), issue: 'nobody has a role in the tenant of a link' };
    if (route.tenantParam !== undefined && route.access !== 'tenant') yield { path: pointer('routes', i, 'tenantParam'), issue: 'only a tenant route names its tenant' };
    if (route.tenantParam !== undefined && !route.path.split('/').includes(`:${route.tenantParam}`)) yield { path: pointer('routes', i, 'tenantParam'), issue: `the path has no parameter :${route.tenantParam}` };
    if (route.permission !== undefined && route.access === 'public') yield { path: pointer('routes', i, 'permission'), issue: 'nobody is signed in on a public route' };
    if (route.body !== undefined && route.method === 'GET') yield { path: pointer('routes', i, 'body'), issue: 'GET has no body' };
    const [owner, action, ...rest] = (route.permission ?? '').split(':');
    if (route.permission === undefined) continue;
    if (action === undefined || rest.length > 0) yield { path: pointer('routes', i, 'permission'), issue: 'is written <plugin>:<action>' };
    else if (owner === manifest.id && !Object.hasOwn(manifest.permissions, action)) yield { path: pointer('routes', i, 'permission'), issue: `the permission ${action} is not declared under permissions` };
  }
}

function* collections(manifest: Manifest): Issues {
  for (const [name, { schema, indexes = [], unique = [], search = [] }] of Object.entries(manifest.collections)) {
    const properties = (schema as { properties?: Record<string, unknown> }).properties;
    if (schema.type !== 'object' || typeof properties !== 'object') {
      yield { path: pointer('collections', name, 'schema'), issue: 'the schema of a collection is of an object' };
      continue;
    }
    for (const field of hostFields) if (Object.hasOwn(properties, field)) yield { path: pointer('collections', name, 'schema', 'properties', field), issue: 'is a field of the host' };
    for (const [i, field] of search.entries()) if (!Object.hasOwn(properties, field)) yield { path: pointer('collections', name, 'search', i), issue: `the collection has no field ${field}` };
    for (const [kind, lists] of [['indexes', indexes], ['unique', unique]] as const) {
      for (const [i, fields] of lists.entries()) {
        for (const field of fields) if (!Object.hasOwn(properties, field) && !hostFields.has(field)) yield { path: pointer('collections', name, kind, i), issue: `the collection has no field ${field}` };
      }
    }
  }
}

function* jobs(manifest: Manifest): Issues {
  const declared = Object.entries(manifest.jobs);
  if (declared.length > 0 && !manifest.capabilities.includes('jobs')) yield { path: '/jobs', issue: 'needs the capability jobs' };
  for (const [name, { cron }] of declared) {
    if (cron !== undefined && cron.trim().split(/\s+/).length !== 5) yield { path: pointer('jobs', name, 'cron'), issue: 'has five fields: minute, hour, day, month, weekday' };
  }
}

function* services(manifest: Manifest): Issues {
  for (const [id, { version }] of Object.entries(manifest.provides)) {
    if (!id.startsWith(`${manifest.id}.`)) yield { path: pointer('provides', id), issue: `a service of this plugin starts with ${manifest.id}.` };
    if (semver.valid(version) === null) yield { path: pointer('provides', id, 'version'), issue: 'is not a semantic version' };
  }
}

/** Every broken rule of a manifest whose schema holds. */
export function manifestRules(manifest: Manifest): ManifestIssue[] {
  return [versions, capabilities, events, hooks, routes, collections, jobs, services].flatMap((rule) => [...rule(manifest)]);
}
