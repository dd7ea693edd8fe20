import { Conflict, reply, type JsonObject, ValidationError } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { CallbackBody, CallbackQuery, CallbackReply, ProviderParams } from '../schemas.ts';
import { type Finished, finishFlow } from '../services/finish-flow.ts';
import { SignInFlowInvalid } from '../errors.ts';

/** Four exchanges with the provider, each with a deadline of its own, and the database. */
const timeoutMs = 45_000;
const headers = { 'cache-control': 'no-store' };
const maxParameters = 30;

const answer = (finished: Finished) => reply({ headers, json: (finished.mode === 'link' ? { connection: finished.connection } : finished.login) as JsonObject });

type Body = { callbackUrl?: string; flowToken?: string; state?: string; code?: string; iss?: string; error?: string; error_description?: string };

/** @throws VALIDATION_ERROR */
function responseOf({ callbackUrl, flowToken: _flowToken, ...single }: Body): Record<string, string> {
  const url = callbackUrl === undefined ? null : URL.parse(callbackUrl);
  if (callbackUrl !== undefined && url === null) throw ValidationError({ message: 'The callback URL is not a URL.', details: { field: 'body.callbackUrl', issue: 'must be a URL' } });
  // where the server sends a browser on, the parameters are in the fragment
  const entries = url === null ? Object.entries(single) : [...url.searchParams, ...new URLSearchParams(url.hash.slice(1))];
  const response = Object.fromEntries(entries);
  // a parameter twice means that somebody added one (RFC 6749, section 3.1)
  if (entries.length > maxParameters || Object.keys(response).length < entries.length || response['state'] === undefined) throw ValidationError({ message: 'This is not a provider’s answer.', details: { field: url === null ? 'body.state' : 'body.callbackUrl', issue: 'must have state, and each parameter once' } });
  return response;
}

export const finish = route({
  name: 'callback',
  method: 'POST',
  path: '/api/oauth/callback/:provider',
  access: 'public',
  browser: true,
  secretReply: true,
  summary: 'Finish a sign-in or a link with the provider’s answer',
  params: ProviderParams,
  body: { json: CallbackBody },
  response: CallbackReply,
  timeoutMs,
  handler: async (ctx, { params, body, browser, headers: sent }) =>
    answer(await finishFlow(ctx, { provider: params.provider, response: responseOf(body), flowToken: body.flowToken ?? null, browser, userAgent: sent['user-agent'] ?? null })),
});

export const arrive = route({
  name: 'callback.arrive',
  method: 'GET',
  path: '/api/oauth/callback/:provider',
  access: 'public',
  browser: true,
  idempotent: false,
  summary: 'Where a provider sends the browser back to: on to the page that began, or the login itself',
  params: ProviderParams,
  query: CallbackQuery,
  response: CallbackReply,
  timeoutMs,
  async handler(ctx, { params, query, browser, headers: sent }) {
    const response = Object.fromEntries(Object.entries(query as Record<string, unknown>).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])).slice(0, maxParameters));
    const flow = await ctx.services.signIn.peek({ state: query.state, browser });
    if (flow === null) throw SignInFlowInvalid();
    // in the fragment, which is in no log of a server and in no Referer
    if (flow.redirectTo !== null) return reply({ status: 303, headers: { ...headers, location: `${flow.redirectTo}#${new URLSearchParams({ provider: params.provider, ...response }).toString()}` } });
    if (flow.mode === 'link') throw Conflict({ message: 'A link is finished by its owner: send this answer to POST /api/oauth/callback, logged in.' });
    return answer(await finishFlow(ctx, { provider: params.provider, response, flowToken: null, browser, userAgent: sent['user-agent'] ?? null }));
  },
});
