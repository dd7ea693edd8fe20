import { definePlugin, pluginKit, Type } from '@proofpix/sdk';
import { lender } from './contract.ts';

const services = { lender };
const { route } = pluginKit({ services });

/** Calls the lender and may do itself what it asks for. */
export default definePlugin({
  id: 'rich',
  version: '1.0.0',
  title: 'rich',
  description: 'Borrows.',
  capabilities: ['files:write'],
  dependencies: { lender: { range: '^1.0.0' } },
  services,
  parts: [route({ name: 'borrow', method: 'POST', path: '/api/rich/borrow', access: 'tenant', body: { json: Type.Object({}) }, handler: (ctx) => ctx.services.lender.keep({ text: 'hello' }) })],
});
