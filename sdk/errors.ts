/** The kind of an error decides its HTTP status; only the kernel speaks HTTP. */
export type ErrorKind =
  | 'invalid' // 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not-found' // 404
  | 'conflict' // 409
  | 'too-large' // 413
  | 'limited' // 429
  | 'internal' // 500
  | 'unavailable'; // 503

/** HTTP status of each kind (RFC 9110, section 15). */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  limited: 429,
  internal: 500,
  unavailable: 503,
};

/** What a {@link PluginError} is made of. */
export interface ErrorInit {
  /** Upper snake case, unique within the plugin, e.g. `INVITE_EXPIRED`. Callers match on this. */
  code: string;
  kind: ErrorKind;
  message: string;
  /** Public: sent to the caller. */
  details?: Record<string, unknown>;
  /** Private: logged, never sent. */
  cause?: unknown;
  /** For `limited`: seconds after which a retry may succeed. */
  retryAfterSeconds?: number;
}

/**
 * The one error class. It crosses the wall as `{code, kind, message, details}`, so match on
 * `code` (see {@link isError}), never with `instanceof`.
 */
export class PluginError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: Record<string, unknown> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(init: ErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'PluginError';
    this.code = init.code;
    this.kind = init.kind;
    this.details = init.details;
    this.retryAfterSeconds = init.retryAfterSeconds;
  }
}

/** True when `error` carries this code, whichever side of the wall it was thrown on. */
export function isError(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === code;
}

/** What one throw of a declared error may add to it. */
export interface ErrorOptions {
  details?: Record<string, unknown>;
  cause?: unknown;
  message?: string;
  retryAfterSeconds?: number;
}

/** Makes an error; call it with `throw`. */
export interface ErrorFactory {
  (options?: ErrorOptions): PluginError;
  readonly code: string;
  readonly kind: ErrorKind;
}

/**
 * Declares an error once per module; the returned factory makes instances.
 *
 * @example
 * const InviteExpired = defineError({ code: 'INVITE_EXPIRED', kind: 'conflict', message: 'The invitation has expired.' });
 * throw InviteExpired({ details: { inviteId } });
 */
export function defineError(init: { code: string; kind: ErrorKind; message: string }): ErrorFactory {
  const factory = (options: ErrorOptions = {}): PluginError =>
    new PluginError({ ...init, ...options, message: options.message ?? init.message });
  return Object.assign(factory, { code: init.code, kind: init.kind });
}

/** The errors that every part of the platform may throw. */
export const ValidationError = defineError({ code: 'VALIDATION_ERROR', kind: 'invalid', message: 'The request is not valid.' });
/** 401: credentials are missing, wrong, expired or revoked. */
export const Unauthorized = defineError({ code: 'UNAUTHORIZED', kind: 'unauthenticated', message: 'Authentication is required.' });
/** 403: a permission (`details.permission`) or a capability (`details.capability`) is missing. */
export const Forbidden = defineError({ code: 'FORBIDDEN', kind: 'forbidden', message: 'This is not allowed.' });
/** 404: there is no such resource, or not for this tenant; the two look the same. */
export const NotFound = defineError({ code: 'NOT_FOUND', kind: 'not-found', message: 'There is no such resource.' });
/** 409: the request conflicts with the current state. */
export const Conflict = defineError({ code: 'CONFLICT', kind: 'conflict', message: 'The request conflicts with the current state.' });
/** 413: a body, file or record is larger than it may be. */
export const PayloadTooLarge = defineError({ code: 'PAYLOAD_TOO_LARGE', kind: 'too-large', message: 'The request is too large.' });
/** 429: too many requests or events; `retryAfterSeconds` says when to come back. */
export const RateLimitExceeded = defineError({ code: 'RATE_LIMIT_EXCEEDED', kind: 'limited', message: 'Too many requests.' });
/** 429: a durable quota of the tenant is used up; `details.quota`, `details.limit`. */
export const QuotaExceeded = defineError({ code: 'QUOTA_EXCEEDED', kind: 'limited', message: 'A quota of this tenant is used up.' });
/** 503: try again later; `retryAfterSeconds` may say when. */
export const Unavailable = defineError({ code: 'UNAVAILABLE', kind: 'unavailable', message: 'The service is not available right now.' });
/** 503: the call took longer than it may. Whether it took effect is not known. */
export const DeadlineExceeded = defineError({ code: 'DEADLINE_EXCEEDED', kind: 'unavailable', message: 'The call took longer than it may.' });
/** 400: a value that `ctx.vault.open` did not seal for this tenant, plugin and context, or that was changed since. */
export const SealInvalid = defineError({ code: 'SEAL_INVALID', kind: 'invalid', message: 'The sealed value is not valid.' });
/** A handler answered with something that is not JSON: the plugin's fault, so callers see INTERNAL_SERVER_ERROR. */
export const InvalidResult = defineError({ code: 'INVALID_RESULT', kind: 'internal', message: 'The handler’s result is not JSON.' });
/** 500: callers learn the request id and nothing else. */
export const InternalError = defineError({ code: 'INTERNAL_SERVER_ERROR', kind: 'internal', message: 'Something went wrong on our side.' });

/** How an error travels over the wall. Stacks, paths and causes stay behind. */
export interface WireError {
  code: string;
  kind: ErrorKind;
  message: string;
  details?: Record<string, unknown>;
  retryAfterSeconds?: number;
}

/** Reduces anything thrown to what may cross the wall; an unknown error becomes INTERNAL_SERVER_ERROR. */
export function toWireError(error: unknown): WireError {
  const candidate = error as Partial<WireError> | null | undefined;
  if (typeof candidate === 'object' && candidate !== null && typeof candidate.code === 'string' && typeof candidate.kind === 'string' && candidate.kind in statusOfKind) {
    const wire: WireError = { code: candidate.code, kind: candidate.kind as ErrorKind, message: String(candidate.message ?? '') };
    if (candidate.details !== undefined) wire.details = candidate.details;
    if (candidate.retryAfterSeconds !== undefined) wire.retryAfterSeconds = candidate.retryAfterSeconds;
    return wire;
  }
  return { code: InternalError.code, kind: InternalError.kind, message: 'Something went wrong on our side.' };
}

/** The inverse of {@link toWireError}. */
export function fromWireError(wire: WireError): PluginError {
  return new PluginError(wire);
}
