import { definePlugin } from '@proofpix/sdk';
import { services } from './kit.ts';
import { arrive, finish } from './routes/callback.ts';
import { connections, disconnect, providers } from './routes/connections.ts';
import { authorize, starts } from './routes/start.ts';
import { getUserInfo, refreshToken, validateToken } from './routes/tokens.ts';
import { Settings } from './settings.ts';

export default definePlugin({
  id: 'oauth',
  version: '1.0.0',
  title: 'Sign-in with other accounts',
  description: 'Google, Microsoft, Salesforce, Slack and any OpenID Connect provider: sign in, link, and use what they grant.',
  // providers are for the operator to choose, so their addresses cannot be listed here
  capabilities: ['net:public', 'kernel:sign-in'],
  services,
  settings: Settings,
  secrets: { clientSecrets: { title: 'Client secrets by provider, as JSON', hosts: [], readable: true, deployment: true } },
  limits: { connections: 200 },
  parts: [...starts, authorize, finish, arrive, providers, connections, disconnect, refreshToken, getUserInfo, validateToken],
});
