/** Refusals that only HTTP knows, so that no {@link ErrorKind} stands for them: 405, 408, 414, 415, 431 and the like. */
export interface HttpFault {
  status: number;
  code: string;
  message: string;
  details?: Record<string, unknown>;
  headers?: Record<string, string>;
}

const faults = new WeakSet<object>();

/** An error that is answered with exactly this; throw it. */
export function httpFault(fault: HttpFault): Error & HttpFault {
  const error = Object.assign(new Error(fault.message), fault);
  faults.add(error);
  return error;
}

/** Only what {@link httpFault} made: an object from elsewhere may not choose its status. */
export function isHttpFault(error: unknown): error is Error & HttpFault {
  return typeof error === 'object' && error !== null && faults.has(error);
}

export const methodNotAllowed = (allow: readonly string[]): Error & HttpFault =>
  httpFault({ status: 405, code: 'METHOD_NOT_ALLOWED', message: 'The path exists, but not with this method.', details: { allow: [...allow] }, headers: { allow: allow.join(', ') } });
