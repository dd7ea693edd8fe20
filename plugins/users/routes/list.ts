import { Forbidden } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { ListQuery, pageOf, Person } from '../schemas.ts';

export const list = route({
  name: 'list',
  method: 'GET',
  path: '/api/users/list',
  access: 'user',
  summary: 'Members of the team, or with scope=deployment everybody (operators); search, filters, order and cursor',
  query: ListQuery,
  response: pageOf(Person),
  async handler(ctx, { query }) {
    const { scope = 'team', ...rest } = query;
    if (scope === 'deployment' && !ctx.auth.principal.operator) throw Forbidden({ message: 'Only an operator sees everybody.' });
    if (scope === 'team') await ctx.auth.require('users:list');
    return ctx.services.users.list({ scope, ...rest });
  },
});
