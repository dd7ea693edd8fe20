import { route } from '../kit.ts';
import { ConnectionList, Disconnected, ProviderList, ProviderParams } from '../schemas.ts';
import { revokeTokens } from '../services/revoke-tokens.ts';

const ownPaths: ReadonlySet<string> = new Set(['google', 'microsoft', 'salesforce', 'slack']);

export const providers = route({
  name: 'providers',
  method: 'GET',
  path: '/api/oauth/providers',
  access: 'public',
  summary: 'Providers that one can sign in with',
  response: ProviderList,
  handler: async (ctx) => ({ items: ctx.settings.providers.map(({ id, title }) => ({ id, title, startPath: ownPaths.has(id) ? `/api/oauth/${id}` : `/api/oauth/authorize/${id}` })), nextCursor: null }),
});

export const connections = route({
  name: 'connections',
  method: 'GET',
  path: '/api/oauth/connections',
  access: 'user',
  summary: 'One’s own linked accounts',
  response: ConnectionList,
  handler: async (ctx) => ({ items: (await ctx.services.signIn.connections({})).items, nextCursor: null }),
});

export const disconnect = route({
  name: 'disconnect',
  method: 'DELETE',
  path: '/api/oauth/disconnect/:provider',
  access: 'user',
  // a second run would find the link gone, and nothing to revoke
  idempotent: false,
  summary: 'End a link, here and at the provider; never the last way in',
  params: ProviderParams,
  response: Disconnected,
  async handler(ctx, { params: { provider } }) {
    const { tokens } = await ctx.services.signIn.unlink({ provider });
    return { provider, disconnected: true, revocation: tokens === null ? ('unsupported' as const) : await revokeTokens(ctx, provider, tokens) };
  },
});
