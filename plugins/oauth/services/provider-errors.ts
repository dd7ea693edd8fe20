import { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { isError, Unavailable } from '@proofpix/sdk';
import { ProviderDenied, ProviderRefused, ProviderResponseInvalid } from '../errors.ts';
import type { OauthContext } from '../kit.ts';
import type { Provider } from './providers.ts';

/** RFC 6749, appendix A.7, and short: what somebody else wrote is not handed on as it is. */
const codeText = (text: string): string => (/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(text) ? text : 'unknown');

/** What an error of ours carries already; it is not wrapped again. */
const isOwn = (error: unknown): boolean => typeof (error as { kind?: unknown }).kind === 'string';

function reasonOf(failure: unknown): string {
  if (isError(failure, 'DEADLINE_EXCEEDED')) return 'timeout';
  const { reason } = (failure as { details?: { reason?: unknown } }).details ?? {};
  return typeof reason === 'string' ? reason : 'unreachable';
}

/** Status of an answer that does not conform, which the library keeps as the cause. */
function statusOf(error: ClientError): number | null {
  return error.cause instanceof Response ? error.cause.status : null;
}

/** The claim that was wrong, by the library's error inside. */
export function wrongClaim(error: unknown): string | null {
  const inner = (error as { cause?: { cause?: { claim?: unknown } } }).cause?.cause?.claim;
  return typeof inner === 'string' ? inner : null;
}

/**
 * An exchange that failed, as this plugin's errors say it. Messages of the library may hold tokens and
 * claims: only codes go into the log and the answer.
 *
 * @param failure what kept the exchange from taking place, or null
 */
export function providerError(ctx: Pick<OauthContext, 'log'>, { id, title }: Provider, error: unknown, failure: unknown): unknown {
  if (failure !== null) {
    const reason = reasonOf(failure);
    ctx.log.warn('a provider could not be reached', { provider: id, reason });
    return Unavailable({ message: `${title} could not be reached.`, details: { provider: id, reason }, retryAfterSeconds: 5 });
  }
  if (isOwn(error)) return error;
  if (error instanceof AuthorizationResponseError) return ProviderDenied({ details: { provider: id, reason: codeText(error.error) } });
  if (error instanceof ResponseBodyError) {
    const reason = codeText(error.error);
    ctx.log.warn('a provider refused', { provider: id, reason, status: error.status });
    if (error.status >= 500 || reason === 'temporarily_unavailable' || reason === 'server_error') return Unavailable({ message: `${title} does not work right now.`, details: { provider: id, reason }, retryAfterSeconds: 5 });
    return ProviderRefused({ details: { provider: id, reason } });
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const reason = codeText(String(error.cause[0]?.parameters['error'] ?? 'unauthorized'));
    ctx.log.warn('a provider refused', { provider: id, reason, status: error.status });
    return ProviderRefused({ details: { provider: id, reason } });
  }
  if (!(error instanceof ClientError)) return error;
  const status = statusOf(error);
  if ((status !== null && status >= 500) || error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT') {
    ctx.log.warn('a provider could not be reached', { provider: id, reason: `status ${status ?? 'none'}` });
    return Unavailable({ message: `${title} does not work right now.`, details: { provider: id, reason: status === null ? 'timeout' : `status ${status}` }, retryAfterSeconds: 5 });
  }
  const claim = wrongClaim(error);
  const reason = `${error.code ?? 'unknown'}${claim === null ? '' : ` ${codeText(claim)}`}`;
  ctx.log.warn('what a provider answered is not valid', { provider: id, reason });
  return ProviderResponseInvalid({ details: { provider: id, reason }, cause: error });
}
