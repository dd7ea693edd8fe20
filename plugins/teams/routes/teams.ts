import { Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { OwnTeam, PageQuery, pageOf, Team, TeamParams } from '../schemas.ts';
import { requirePerson } from '../services/require-person.ts';

export const listTeams = route({
  name: 'list',
  method: 'GET',
  path: '/api/teams',
  access: 'user',
  summary: 'Teams that the caller belongs to',
  query: Type.Object(PageQuery),
  response: pageOf(OwnTeam),
  handler(ctx, { query }) {
    requirePerson(ctx);
    return ctx.services.teams.list(query);
  },
});

export const getTeam = route({
  name: 'get',
  method: 'GET',
  path: '/api/teams/:teamId',
  access: 'tenant',
  tenantParam: 'teamId',
  permission: 'teams:read',
  summary: 'A team',
  params: TeamParams,
  response: Team,
  handler: (ctx) => ctx.services.teams.get({}),
});
