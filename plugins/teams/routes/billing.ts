import { BillingContact } from '../contract.ts';
import { route } from '../kit.ts';
import { Billing, TeamParams } from '../schemas.ts';
import { billingOf, setBillingContact } from '../services/billing-contact.ts';

export const getBilling = route({
  name: 'billing.get',
  method: 'GET',
  path: '/api/teams/:teamId/billing',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-billing',
  summary: 'The billing contact of a team',
  params: TeamParams,
  response: Billing,
  handler: billingOf,
});

export const setBilling = route({
  name: 'billing.set',
  method: 'POST',
  path: '/api/teams/:teamId/billing',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:manage-billing',
  idempotent: true,
  summary: 'Set the billing contact of a team; it replaces the one before',
  params: TeamParams,
  body: { json: BillingContact },
  response: Billing,
  async handler(ctx, { body }) {
    await setBillingContact(ctx, body);
    return billingOf(ctx);
  },
});
