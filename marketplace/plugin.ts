import { definePlugin } from '@proofpix/sdk';
import { services } from './kit.ts';
import { getConfig, setConfig } from './routes/config.ts';
import { enable, install, listInstalled, plan, rollback, uninstall } from './routes/installations.ts';
import { listAvailable, revokeKey, trustKey, upload } from './routes/packages.ts';

export default definePlugin({
  id: 'plugins',
  version: '1.0.0',
  title: 'Marketplace',
  description: 'Install, configure, upgrade and remove plugins.',
  capabilities: ['kernel:plugins', 'files:read', 'files:write'],
  services,
  permissions: {
    read: { description: 'See which plugins there are', roles: ['viewer', 'member', 'admin', 'owner'] },
    manage: { description: 'Install, configure and remove plugins', roles: ['admin', 'owner'] },
  },
  parts: [listAvailable, listInstalled, plan, install, enable, rollback, uninstall, getConfig, setConfig, upload, trustKey, revokeKey],
});
