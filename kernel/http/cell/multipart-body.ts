import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { type BodyManifest, type Json, type JsonObject, PayloadTooLarge } from '@proofpix/sdk';
import type { CellBackend, RequestScope } from '../contract.ts';
import { invalid } from '../errors/validation-error.ts';
import { type FormFiles, receiveFile } from './form-file.ts';

export interface FormBody {
  fields: JsonObject;
  files: Record<string, Json>[];
}

/** Of the parts beside the files. */
const maxFields = 100;
const fieldBytes = 65_536;
const nameBytes = 100;
const partHeaders = 32;

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** JSON from a text field, without keys that would reach a prototype. */
function parseOptions(text: string): Json {
  try {
    return JSON.parse(text, (key, value: Json) => {
      if (forbidden.has(key)) throw new SyntaxError('forbidden key');
      return value;
    }) as Json;
  } catch {
    throw invalid('body.options', 'is not valid JSON or has a forbidden key');
  }
}

type Limits = NonNullable<NonNullable<Parameters<FastifyRequest['parts']>[0]>['limits']>;

/** The parser reports a form that is no form by plain errors; the framework's own refusals have codes. */
async function* readParts(request: FastifyRequest, limits: Limits): AsyncGenerator<Multipart> {
  const parts = request.parts({ limits });
  for (;;) {
    const next = await parts.next().catch((error: unknown) => {
      throw typeof (error as { code?: unknown }).code === 'string' ? error : invalid('body', 'is not a valid multipart form');
    });
    if (next.done === true) return;
    yield next.value;
  }
}

/**
 * Reads a multipart form: each file goes to the store as it arrives, in constant memory. Handles of
 * stored files are pushed to `handles` at once, so that they can be dropped whatever happens next. A form
 * that reports oversized files reads past them, as many bytes at most as it may have altogether.
 *
 * @throws VALIDATION_ERROR, PAYLOAD_TOO_LARGE, and the framework's own for a form that is no form
 */
export async function readForm(request: FastifyRequest, body: Extract<BodyManifest, { kind: 'multipart' }>, maxFileBytes: number, backend: CellBackend, scope: RequestScope, handles: string[]): Promise<FormBody> {
  const maxBytes = Math.min(body.maxBytes, maxFileBytes);
  // a limit of the parser would end the file, and with it the count of what is sent in vain
  const isReported = body.oversized === 'report';
  const each: FormFiles = { maxBytes, ephemeral: body.ephemeral === true, surplus: isReported ? { bytes: (maxBytes + fieldBytes) * body.maxFiles } : null };
  const limits = { files: body.maxFiles, fileSize: isReported ? Infinity : maxBytes, fields: maxFields, fieldSize: fieldBytes, fieldNameSize: nameBytes, parts: body.maxFiles + maxFields, headerPairs: partHeaders };
  const fields: Record<string, Json> = {};
  const files: Record<string, Json>[] = [];
  for await (const part of readParts(request, limits)) {
    if (forbidden.has(part.fieldname)) throw invalid('body', 'has a field with a forbidden name');
    if (part.type === 'file') {
      files.push(await receiveFile(part, each, backend, scope, handles));
      continue;
    }
    if (part.fieldnameTruncated || part.valueTruncated) throw PayloadTooLarge({ message: 'A field of the form is too large.', details: { field: `body.${part.fieldname}` } });
    const value = part.fieldname === 'options' && typeof part.value === 'string' ? parseOptions(part.value) : (part.value as Json);
    const before = fields[part.fieldname];
    fields[part.fieldname] = before === undefined ? value : [...(Array.isArray(before) ? (before as Json[]) : [before]), value];
  }
  // a body cut off by the client ends the parser quietly
  if (request.raw.destroyed && !request.raw.complete) throw invalid('body', 'ended early');
  return { fields, files };
}
