import type { FastifyInstance } from 'fastify';
import type { Manifest, RouteManifest } from '@proofpix/sdk';
import type { Identity } from '../../auth/contract.ts';
import type { CellDirectory } from '../contract.ts';
import { type KernelRoute, openApiDocument } from './document.ts';
import { createKeptDocuments, type KeptDocument } from './kept-documents.ts';

export interface OpenApi {
  /** The document of what is enabled for the caller, as JSON text, and its entity tag. */
  documentFor(identity: Identity | null): KeptDocument;
}

/** Collects the kernel's routes as they are declared: call it before they are. */
export function createOpenApi(fastify: FastifyInstance, directory: Pick<CellDirectory, 'manifestsFor'>, options: { version: string; serverUrl: string; pathOf(manifest: Manifest, route: RouteManifest): string }): OpenApi {
  const kernel: KernelRoute[] = [];
  fastify.addHook('onRoute', ({ config, method, schema, url }) => {
    if (config?.operationId === undefined || config.access === undefined) return;
    const { access, operationId, summary, permission } = config;
    for (const one of [method].flat()) if (one !== 'HEAD') kernel.push({ method: one, url, access, operationId, summary, permission, schema });
  });
  // operators see what only they may call; nobody else is told
  const documentOf = createKeptDocuments((manifests, audience) => {
    const operator = audience === 'operator';
    const visible = manifests.map((manifest) => (operator ? manifest : { ...manifest, routes: manifest.routes.filter(({ access }) => access !== 'operator') }));
    return openApiDocument({ ...options, kernel: kernel.filter(({ access }) => operator || access !== 'operator'), manifests: visible });
  });
  return { documentFor: (identity) => documentOf(directory.manifestsFor(identity), identity?.principal.operator === true ? 'operator' : 'anybody') };
}
