import { route } from '../kit.ts';
import { ProviderParams, RefreshBody, Refreshed, UserInfo, ValidateBody, Validated } from '../schemas.ts';
import { checkToken } from '../services/check-token.ts';
import { freshTokens } from '../services/fresh-tokens.ts';
import { userInfo } from '../services/user-info.ts';

export const refreshToken = route({
  name: 'refreshToken',
  method: 'POST',
  path: '/api/oauth/refresh-token',
  access: 'user',
  summary: 'Renew the tokens that a provider gave; they stay on the server',
  body: { json: RefreshBody },
  response: Refreshed,
  async handler(ctx, { body: { provider } }) {
    const { tokens, isRenewed } = await freshTokens(ctx, provider);
    return { provider, refreshed: isRenewed, expiresAt: tokens.expiresAt, scope: tokens.scope };
  },
});

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const getUserInfo = route({
  name: 'userInfo',
  method: 'GET',
  path: '/api/oauth/user-info/:provider',
  access: 'user',
  summary: 'What a provider tells about oneself',
  params: ProviderParams,
  response: UserInfo,
  async handler(ctx, { params: { provider } }) {
    const { issuer, subject, claims } = await userInfo(ctx, provider);
    return { provider, issuer, subject, email: textOrNull(claims['email']), emailVerified: claims['email_verified'] === true, name: textOrNull(claims['name']), picture: textOrNull(claims['picture']), claims };
  },
});

export const validateToken = route({
  name: 'validateToken',
  method: 'POST',
  path: '/api/oauth/validate-token',
  access: 'user',
  // what it answers is true at one moment only
  secretReply: true,
  summary: 'Whether a provider’s token is good: one’s own, or a given one of this deployment’s client',
  body: { json: ValidateBody },
  response: Validated,
  handler: async (ctx, { body }) => ({ provider: body.provider, ...(await checkToken(ctx, body)) }),
});
