import { InternalError, PluginError, statusOfKind, type ErrorKind, type Json, type WireError } from '@proofpix/sdk';

const codePattern = /^[A-Z][A-Z0-9_]{0,63}$/;
const maxMessageLength = 2_000;
const maxDetailsLength = 16_384;

/** An error that a guest sent: anything that is not an error of the contract becomes INTERNAL_SERVER_ERROR. */
export function errorOfGuest(sent: Json | undefined): PluginError {
  const wire = (typeof sent === 'object' && sent !== null ? sent : {}) as Partial<Record<keyof WireError, unknown>>;
  const { code, kind, message, details, retryAfterSeconds } = wire;
  if (typeof code !== 'string' || !codePattern.test(code) || typeof kind !== 'string' || !Object.hasOwn(statusOfKind, kind) || kind === 'internal') return InternalError();
  return new PluginError({
    code,
    kind: kind as ErrorKind,
    message: typeof message === 'string' ? message.slice(0, maxMessageLength) : '',
    ...(typeof details === 'object' && details !== null && !Array.isArray(details) && JSON.stringify(details).length <= maxDetailsLength ? { details: details as Record<string, unknown> } : {}),
    ...(typeof retryAfterSeconds === 'number' && retryAfterSeconds >= 0 && Number.isFinite(retryAfterSeconds) ? { retryAfterSeconds } : {}),
  });
}
