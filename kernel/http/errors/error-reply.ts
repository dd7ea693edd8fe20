import { InternalError, PayloadTooLarge, statusOfKind, toWireError, Unavailable } from '@proofpix/sdk';
import { isHttpFault } from './http-fault.ts';
import { invalid, validationError, type SchemaFault } from './validation-error.ts';

/** The one shape of an error reply. */
export interface ErrorBody {
  error: string;
  message: string;
  details: Record<string, unknown>;
  /** Seconds; with RATE_LIMIT_EXCEEDED and UNAVAILABLE. */
  retryAfter?: number;
  requestId: string;
}

export interface ErrorReply {
  status: number;
  headers: Record<string, string>;
  body: ErrorBody;
}

const messageLength = 2_000;
/** Characters of `details` as JSON; what a plugin sends beyond is left out. */
const detailsLength = 16_384;

interface Fault {
  status: number;
  code: string;
  message: string;
  details?: Record<string, unknown> | undefined;
  headers?: Record<string, string> | undefined;
}

const fault = (status: number, code: string, message: string, details?: Record<string, unknown>): Fault => ({ status, code, message, details });
const badBody = (issue: string): Fault => ({ status: 400, code: 'VALIDATION_ERROR', message: `body ${issue}.`, details: { field: 'body', issue } });
const tooLarge = (message: string): Fault => fault(413, PayloadTooLarge.code, message);

/** What the framework refuses by itself, by its error code. */
const frameworkFaults: Readonly<Record<string, Fault>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: tooLarge('The body is too large.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: fault(415, 'UNSUPPORTED_MEDIA_TYPE', 'The content type is not supported here.', { field: 'headers.content-type', issue: 'is not supported' }),
  FST_ERR_CTP_EMPTY_JSON_BODY: badBody('is empty'),
  FST_ERR_CTP_INVALID_JSON_BODY: badBody('is not valid JSON'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: badBody('does not have the length that content-length names'),
  FST_ERR_BAD_URL: fault(400, 'VALIDATION_ERROR', 'path is not a valid URL path.', { field: 'path', issue: 'is not a valid URL path' }),
  FST_ERR_ASYNC_CONSTRAINT: fault(400, 'VALIDATION_ERROR', 'The request cannot be routed.', { field: 'headers', issue: 'cannot be routed' }),
  FST_ERR_MAX_PARAM_LENGTH: fault(414, 'URI_TOO_LONG', 'A part of the path is too long.', { field: 'path', issue: 'has a part that is too long' }),
  FST_ERR_HANDLER_TIMEOUT: fault(503, Unavailable.code, 'The request took longer than it may.'),
  FST_PARTS_LIMIT: tooLarge('The form has too many parts.'),
  FST_FILES_LIMIT: tooLarge('The form has too many files.'),
  FST_FIELDS_LIMIT: tooLarge('The form has too many fields.'),
  FST_REQ_FILE_TOO_LARGE: tooLarge('A file is too large.'),
  FST_PROTO_VIOLATION: badBody('has a field with a forbidden name'),
  FST_INVALID_MULTIPART_CONTENT_TYPE: fault(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be multipart/form-data.', { field: 'headers.content-type', issue: 'must be multipart/form-data' }),
  FST_INVALID_JSON_FIELD_ERROR: badBody('has a field that is not valid JSON'),
  FST_MP_PREMATURE_CLOSE: badBody('ended early'),
};

interface Candidate {
  code?: unknown;
  statusCode?: unknown;
  validation?: readonly SchemaFault[];
  validationContext?: string;
}

function faultOf(error: unknown): Fault | null {
  if (isHttpFault(error)) return error;
  if (typeof error !== 'object' || error === null) return null;
  const { code, statusCode, validation, validationContext } = error as Candidate;
  if (Array.isArray(validation) && validation[0] !== undefined) return wireFault(validationError(validationContext ?? 'body', validation[0]));
  if (typeof code === 'string' && Object.hasOwn(frameworkFaults, code)) return frameworkFaults[code] ?? null;
  // the framework's JSON parser marks forbidden keys and bad syntax this way
  if (error instanceof SyntaxError && statusCode === 400) return wireFault(invalid('body', 'is not valid JSON or has a forbidden key'));
  return null;
}

function wireFault(error: unknown): Fault & { retryAfter?: number | undefined } {
  const wire = toWireError(error);
  if (wire.kind === 'internal') return { status: 500, code: InternalError.code, message: 'Something went wrong on our side.' };
  return { status: statusOfKind[wire.kind], code: wire.code, message: wire.message, details: wire.details, retryAfter: wire.retryAfterSeconds };
}

function publicDetails(details: Record<string, unknown> | undefined): Record<string, unknown> {
  if (details === undefined) return {};
  try {
    const text = JSON.stringify(details);
    return text !== undefined && text.startsWith('{') && text.length <= detailsLength ? (JSON.parse(text) as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Maps anything thrown to the reply that the caller gets. What is not known says nothing but the request id. */
export function errorReply(error: unknown, requestId: string): ErrorReply {
  const known: Fault & { retryAfter?: number | undefined } = faultOf(error) ?? wireFault(error);
  const limited = known.status === 429;
  const retryAfter = known.retryAfter ?? (limited ? 1 : undefined);
  const body: ErrorBody = { error: known.code, message: known.message.slice(0, messageLength), details: publicDetails(known.details), requestId };
  const headers: Record<string, string> = { ...known.headers };
  if (retryAfter !== undefined && (limited || known.status === 503)) {
    body.retryAfter = Math.max(1, Math.ceil(retryAfter));
    headers['retry-after'] = String(body.retryAfter);
  }
  if (known.status === 401) headers['www-authenticate'] = 'Bearer';
  return { status: known.status, headers, body };
}
