import { reply, Type } from '@proofpix/sdk';
import type { TeamCreated } from '../contract.ts';
import { route } from '../kit.ts';
import { closed, Name, Team } from '../schemas.ts';
import { requirePerson } from '../services/require-person.ts';

export const createTeam = route({
  name: 'create',
  method: 'POST',
  path: '/api/teams/create',
  access: 'user',
  summary: 'Make a team; the caller becomes its owner',
  body: { json: Type.Object({ name: Name }, closed) },
  status: 201,
  response: Team,
  async handler(ctx, { body }) {
    const ownerId = requirePerson(ctx);
    const id = ctx.random.uuid();
    const created: TeamCreated = { teamId: id, name: body.name, ownerId };
    const team = await ctx.services.teams.create({ id, name: body.name, emit: [{ name: 'teams.created', payload: created }] });
    return reply({ status: 201, headers: { location: `/api/teams/${id}` }, json: team });
  },
});
