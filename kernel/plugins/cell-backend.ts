import { NotFound, type Json, type Principal, type RouteManifest } from '@proofpix/sdk';
import type { ReplyWire, RouteInputWire } from '@proofpix/sdk/runtime';
import type { CellBackend, RequestScope } from '../http/contract.ts';
import type { Blobs } from '../storage/contract.ts';
import type { Scratch } from '../storage/scratch/index.ts';
import { capabilityMissing, grantsOf } from './capabilities.ts';
import type { PluginVersion } from './installed-plugin.ts';
import type { Invoker } from './invoker.ts';
import type { EnabledPlugin, TenantPlugins } from './tenant-plugins.ts';

export interface CellBackendDeps {
  tenantPlugins: TenantPlugins;
  invoker: Invoker;
  blobs: Blobs;
  scratch: Scratch;
  /** The deployment's own limit on an uploaded file. */
  maxFileBytes: number;
}

const nobody: Principal = { kind: 'public', userId: null, credentialId: null, operator: false };
const routeMs = 30_000;
/** How long a form of ephemeral files may take altogether, from its first file on. */
const uploadMs = 900_000;
const safeMethods = new Set(['GET', 'PUT', 'DELETE']);

/** What runs behind one version's routes. The version is the cell's, so a request that was routed before a swap ends where it began. */
export function cellBackend(version: PluginVersion, { tenantPlugins, invoker, blobs, scratch, maxFileBytes }: CellBackendDeps): CellBackend {
  const pluginId = version.manifest.id;

  function enabled(scope: RequestScope): EnabledPlugin {
    const plugin = tenantPlugins.get(scope.tenantId, pluginId);
    if (plugin === null) throw NotFound();
    return plugin.version === version ? plugin : { ...plugin, version };
  }

  function owner(scope: RequestScope): { tenantId: string; pluginId: string } {
    if (scope.tenantId === null) throw NotFound();
    return { tenantId: scope.tenantId, pluginId };
  }

  function demand(scope: RequestScope, capability: string): void {
    if (!grantsOf(enabled(scope).grants, null).has(capability)) throw capabilityMissing(capability);
  }

  return {
    async invoke(scope: RequestScope, route: RouteManifest, input: RouteInputWire): Promise<ReplyWire> {
      const principal = scope.identity?.principal ?? nobody;
      return (await invoker.invoke({
        plugin: enabled(scope),
        tenantId: scope.tenantId,
        handler: `route:${route.name}`,
        input: input as unknown as Json,
        principal,
        identity: scope.identity,
        provenance: { tenantId: scope.tenantId ?? '', principal, impersonatorId: scope.identity?.impersonatorId ?? null, traceId: scope.traceId, hop: 0, chain: [], bounds: null },
        timeoutMs: route.timeoutMs ?? routeMs,
        signal: scope.signal,
        requestId: scope.requestId,
        address: scope.ip,
        link: scope.link,
        idempotent: route.idempotent ?? safeMethods.has(route.method),
      })) as unknown as ReplyWire;
    },
    async upload(scope, { field, filename, declaredType, maxBytes, ephemeral }, content) {
      if (ephemeral) {
        demand(scope, 'scratch');
        const { writer, handle, discard } = await scratch.upload(owner(scope), { declaredType, maxBytes: Math.min(maxBytes, maxFileBytes), ttlMs: uploadMs });
        try {
          for await (const chunk of content) await writer.write(chunk);
          const file = await writer.finish();
          const { id: _id, ...facts } = file;
          return { ...facts, handle: handle(file), field, filename };
        } catch (error) {
          await writer.abort();
          await discard();
          throw error;
        }
      }
      demand(scope, 'files:write');
      const writer = await blobs.create(owner(scope), { declaredType, maxBytes: Math.min(maxBytes, maxFileBytes) });
      try {
        for await (const chunk of content) await writer.write(chunk);
        const { id, ...stored } = await writer.finish({ temporary: true });
        return { ...stored, handle: id, field, filename };
      } catch (error) {
        await writer.abort();
        throw error;
      }
    },
    async discard(scope, handles) {
      for (const handle of handles) await (scratch.isHandle(handle) ? scratch.discard(owner(scope), handle) : blobs.delete(owner(scope), handle));
    },
    async file(scope, id) {
      demand(scope, 'files:read');
      const { sizeBytes, sha256, mimeType } = await blobs.stat(owner(scope), id);
      return { sizeBytes, sha256, mimeType, open: (range) => blobs.open(owner(scope), id, range) };
    },
  };
}
