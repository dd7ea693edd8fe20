import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Manifest, RouteManifest } from '@proofpix/sdk';
import type { Identity } from '../../auth/contract.ts';
import type { CellDirectory } from '../contract.ts';
import { type KernelRoute, openApiDocument } from './document.ts';

export interface OpenApi {
  /** The document of what is enabled for the caller, as JSON text, and its entity tag. */
  documentFor(identity: Identity | null): { json: string; etag: string };
}

/** Documents kept; each is one set of plugin versions that some caller has. */
const keptDocuments = 64;

/** Collects the kernel's routes as they are declared: call it before they are. */
export function createOpenApi(fastify: FastifyInstance, directory: Pick<CellDirectory, 'manifestsFor'>, options: { version: string; serverUrl: string; pathOf(manifest: Manifest, route: RouteManifest): string }): OpenApi {
  const kernel: KernelRoute[] = [];
  fastify.addHook('onRoute', ({ config, method, schema, url }) => {
    if (config?.operationId === undefined || config.access === undefined) return;
    const { access, operationId, summary, permission } = config;
    for (const one of [method].flat()) if (one !== 'HEAD') kernel.push({ method: one, url, access, operationId, summary, permission, schema });
  });
  const kept = new Map<string, { json: string; etag: string }>();
  return {
    documentFor(identity) {
      const manifests = directory.manifestsFor(identity).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      // operators see what only they may call; nobody else is told
      const operator = identity?.principal.operator === true;
      const key = `${operator} ${manifests.map(({ id, version }) => `${id}@${version}`).join(' ')}`;
      let found = kept.get(key);
      if (found === undefined) {
        const visible = manifests.map((manifest) => (operator ? manifest : { ...manifest, routes: manifest.routes.filter(({ access }) => access !== 'operator') }));
        const json = JSON.stringify(openApiDocument({ ...options, kernel: kernel.filter(({ access }) => operator || access !== 'operator'), manifests: visible }));
        found = { json, etag: `"${createHash('sha256').update(json).digest('hex').slice(0, 32)}"` };
      }
      // last used, last dropped
      kept.delete(key);
      kept.set(key, found);
      const [oldest] = kept.keys();
      if (kept.size > keptDocuments && oldest !== undefined) kept.delete(oldest);
      return found;
    },
  };
}
