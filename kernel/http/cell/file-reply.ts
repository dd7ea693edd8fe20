import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CellBackend, RequestScope } from '../contract.ts';
import { httpFault } from '../errors/http-fault.ts';
import { byteRange, listsTag } from './byte-range.ts';
import { contentDisposition } from './content-disposition.ts';

export interface FileWire {
  id: string;
  filename?: string;
  inline?: boolean;
  mimeType?: string;
}

/** RFC 9110, section 8.3.1, with parameters. */
const mediaType = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:\s*;\s*[\w-]{1,40}=(?:[\w.+-]{1,100}|"[\w .+-]{1,100}"))*$/;

/** A store that ends early must not leave the client waiting for the rest that Content-Length promised. */
async function* exactly(content: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of content) {
    sent += chunk.length;
    if (sent > sizeBytes) throw new Error('the file is longer than its record says');
    yield chunk;
  }
  if (sent < sizeBytes) throw new Error('the file is shorter than its record says');
}

/** RFC 9110, section 13.2.2: preconditions come first, in this order; there is no Last-Modified to compare dates with. */
function precondition(request: FastifyRequest, etag: string): 'failed' | 'unchanged' | null {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  if (ifMatch !== undefined && !listsTag(ifMatch, etag, 'strong')) return 'failed';
  return ifNoneMatch !== undefined && listsTag(ifNoneMatch, etag, 'weak') ? 'unchanged' : null;
}

/** Streams a file in constant memory, whole or one range of it. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, backend: CellBackend, scope: RequestScope, file: FileWire, status: number): Promise<FastifyReply> {
  const info = await backend.file(scope, file.id);
  const etag = `"${info.sha256}"`;
  const declared = file.mimeType ?? info.mimeType;
  const mimeType = mediaType.test(declared) ? declared : 'application/octet-stream';
  reply.header('etag', etag).header('accept-ranges', 'bytes');
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
  const outcome = status === 200 ? precondition(request, etag) : null;
  if (outcome === 'unchanged') return reply.code(304).send();
  if (outcome === 'failed') throw httpFault({ status: 412, code: 'PRECONDITION_FAILED', message: 'The file is another one than If-Match names.' });

  reply.type(mimeType).header('content-disposition', contentDisposition({ filename: file.filename, inline: file.inline === true, mimeType }));
  const ifRange = request.headers['if-range'];
  const wanted = status !== 200 || request.method !== 'GET' || (ifRange !== undefined && ifRange !== etag) ? null : byteRange(request.headers.range, info.sizeBytes);
  if (wanted === 'unsatisfiable') {
    throw httpFault({ status: 416, code: 'RANGE_NOT_SATISFIABLE', message: 'The range lies outside the file.', details: { sizeBytes: info.sizeBytes }, headers: { 'content-range': `bytes */${info.sizeBytes}` } });
  }
  const range = wanted ?? { start: 0, end: info.sizeBytes };
  if (wanted !== null) reply.header('content-range', `bytes ${range.start}-${range.end - 1}/${info.sizeBytes}`);
  const length = range.end - range.start;
  reply.code(wanted === null ? status : 206).header('content-length', length);
  // an empty stream: the framework would put the length of an empty buffer into the header
  if (request.method === 'HEAD' || length === 0) return reply.send(Readable.from([]));
  const content = await info.open({ start: range.start, end: wanted === null ? null : range.end });
  return reply.send(Readable.from(exactly(content, length), { objectMode: false }));
}
