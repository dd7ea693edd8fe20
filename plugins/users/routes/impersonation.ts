import { reply, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Time, UserParams, nullable } from '../schemas.ts';
import { beside } from '../services/events.ts';

export const impersonate = route({
  name: 'impersonate',
  method: 'POST',
  path: '/api/users/:userId/impersonate',
  access: 'operator',
  summary: 'Act for a user: 15 minutes, marked in the token and in every audit entry; the user is told by mail',
  params: UserParams,
  body: { json: Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500 }), teamId: Type.Optional(Type.String({ format: 'uuid' })) }, { additionalProperties: false }) },
  status: 201,
  response: Type.Object({ id: Type.String(), userId: Type.String(), teamId: nullable(Type.String()), accessToken: Type.String(), expiresIn: Type.Integer(), expiresAt: Time }),
  secretReply: true,
  async handler(ctx, { params: { userId }, body: { reason, teamId = null } }) {
    const { sessionId, ...session } = await ctx.services.users.impersonate({ userId, reason, teamId, ...beside(ctx, 'users.impersonation-started', { userId }) });
    return { id: sessionId, userId, ...session, expiresAt: new Date(ctx.clock.now() + session.expiresIn * 1000).toISOString() };
  },
});

export const endImpersonation = route({
  name: 'endImpersonation',
  method: 'DELETE',
  path: '/api/users/:userId/impersonate',
  access: 'user',
  summary: 'Stop acting for a user: with the token of doing so, or as an operator',
  params: UserParams,
  status: 204,
  async handler(ctx, { params: { userId } }) {
    await ctx.services.users.endImpersonation({ userId, ...beside(ctx, 'users.impersonation-ended', { userId }) });
    return reply({ status: 204 });
  },
});
