import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { type BodyManifest, type Json, PayloadTooLarge } from '@proofpix/sdk';
import type { CellBackend, RequestScope } from '../contract.ts';

/** The bytes as they arrive; where the client breaks off they simply end. */
async function* arriving(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    // a store that refuses must not close the connection: the client would never learn why
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (request.complete) throw error;
  }
}

/** Nobody cancels it: what arrived is worth the same whether or not the client still waits for the reply. */
export function unhurried(scope: RequestScope): RequestScope {
  const { requestId, traceId, identity, tenantId, link, ip } = scope;
  return { requestId, traceId, identity, tenantId, link, ip, signal: new AbortController().signal };
}

/**
 * The body as one file, whatever its content type, in constant memory. `complete` says whether the client sent all of
 * it. The handle is pushed to `handles` at once, so that it can be dropped whatever happens next.
 *
 * @throws PAYLOAD_TOO_LARGE beyond `maxBytes`; then nothing is kept
 */
export async function readUpload(request: FastifyRequest, body: Extract<BodyManifest, { kind: 'upload' }>, maxFileBytes: number, backend: CellBackend, scope: RequestScope, handles: string[]): Promise<Record<string, Json>> {
  const { raw } = request;
  const maxBytes = Math.min(body.maxBytes, maxFileBytes);
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) throw PayloadTooLarge({ message: 'The body is too large.', details: { field: 'body', maxBytes } });
  const declaredType = raw.headers['content-type'] ?? null;
  const file = await backend.upload(scope, { field: 'body', filename: '', declaredType, maxBytes, ephemeral: false }, arriving(raw));
  if (typeof file['handle'] === 'string') handles.push(file['handle']);
  return { ...file, complete: raw.complete };
}
