import { type Part, reply } from '@proofpix/sdk';
import { route, type OauthContext } from '../kit.ts';
import { ProviderParams, Started, StartQuery } from '../schemas.ts';
import { beginFlow } from '../services/begin-flow.ts';

type Query = { redirectTo?: string; mode?: 'sign-in' | 'link'; redirect?: '0' | '1'; loginHint?: string };

const headers = { 'cache-control': 'no-store' };

async function start(ctx: OauthContext, provider: string, { redirectTo = null, mode, redirect, loginHint = null }: { [K in keyof Query]: Query[K] | null }, browser: string | null) {
  const chosen = mode ?? (ctx.auth.principal.kind === 'public' ? 'sign-in' : 'link');
  const begun = await beginFlow(ctx, { provider, mode: chosen, browser, redirectTo: redirectTo ?? null, loginHint: loginHint ?? null });
  if (redirect === '1') return reply({ status: 302, headers: { ...headers, location: begun.authorizationUrl } });
  return reply({ json: { ...begun }, headers });
}

const common = { method: 'GET', access: 'public', browser: true, query: StartQuery, response: Started } as const;

const startWith = (id: string, title: string): Part => route({ ...common, name: `${id}.start`, path: `/api/oauth/${id}`, summary: `Sign in with ${title}, or link it when logged in`, handler: (ctx, { query, browser }) => start(ctx, id, query, browser) });

/** The four providers of the guide have paths of their own. */
export const starts: readonly Part[] = [startWith('google', 'Google'), startWith('microsoft', 'Microsoft'), startWith('salesforce', 'Salesforce'), startWith('slack', 'Slack')];

export const authorize = route({ ...common, name: 'authorize', path: '/api/oauth/authorize/:provider', summary: 'Sign in with any provider that is set up, or link it when logged in', params: ProviderParams, handler: (ctx, { params, query, browser }) => start(ctx, params.provider, query, browser) });
