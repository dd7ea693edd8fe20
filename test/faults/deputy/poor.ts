import { definePlugin, pluginKit, Type } from '@proofpix/sdk';
import { lender } from './contract.ts';

const services = { lender };
const { route } = pluginKit({ services });

/** Calls the lender for what it may not do itself. */
export default definePlugin({
  id: 'poor',
  version: '1.0.0',
  title: 'poor',
  description: 'Borrows.',
  capabilities: [],
  dependencies: { lender: { range: '^1.0.0' } },
  services,
  parts: [route({ name: 'borrow', method: 'POST', path: '/api/poor/borrow', access: 'tenant', body: { json: Type.Object({}) }, handler: (ctx) => ctx.services.lender.keep({ text: 'hello' }) })],
});
