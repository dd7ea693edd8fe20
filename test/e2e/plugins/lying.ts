import { definePlugin, pluginKit } from '@proofpix/sdk';

const { route } = pluginKit();

/** Claims a path outside its prefix. */
export default definePlugin({
  id: 'lying',
  version: '1.0.0',
  title: 'Lying',
  description: 'Its manifest is refused.',
  parts: [route({ name: 'users.list', method: 'GET', path: '/api/nowhere/list', access: 'tenant', handler: () => ({}) })],
});
