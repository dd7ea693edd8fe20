import { reply, Type } from '@proofpix/sdk';
import type { MemberJoined } from '../contract.ts';
import { route, type TeamsContext } from '../kit.ts';
import { closed, Member, Name, PublicInvitation, TokenParams } from '../schemas.ts';
import { nameOf } from '../services/invitation-mail.ts';
import { linkedInvitation, takeInvitation } from '../services/take-invitation.ts';
import type { StoredInvitation } from '../services/invitations.ts';
import { masked } from '../services/masked-address.ts';
import { requirePerson } from '../services/require-person.ts';

const tenantFrom = { in: 'params', name: 'token', purpose: 'invitation' } as const;

const joinedEvent = (ctx: TeamsContext, userId: string, { role, invitedBy }: StoredInvitation) => {
  const payload: MemberJoined = { teamId: ctx.auth.tenantId, userId, role, invitedBy };
  return [{ name: 'teams.member-joined', payload }];
};

export const showInvitation = route({
  name: 'invitations.show',
  method: 'GET',
  path: '/api/teams/invitations/:token',
  access: 'public',
  tenantFrom,
  summary: 'What an invitation is about, for whoever holds its token',
  params: TokenParams,
  response: PublicInvitation,
  async handler(ctx) {
    const { email, role, expiresAt, invitedBy } = await linkedInvitation(ctx);
    const { id, name } = await ctx.services.teams.get({});
    return { team: { id, name }, invitedBy: await nameOf(ctx, invitedBy), email: masked(email), role, expiresAt };
  },
});

export const acceptInvitation = route({
  name: 'invitations.accept',
  method: 'POST',
  path: '/api/teams/invitations/:token/accept',
  access: 'user',
  tenantFrom,
  summary: 'Accept an invitation with the account that it was sent to',
  params: TokenParams,
  response: Member,
  async handler(ctx) {
    const userId = requirePerson(ctx);
    const found = await linkedInvitation(ctx);
    await ctx.services.teams.checkJoin({ email: found.email });
    const member = await takeInvitation(ctx, found, userId, ({ email, role, invitedBy }) => ctx.services.teams.join({ email, role, grantedBy: invitedBy, emit: joinedEvent(ctx, userId, found) }));
    return { id: member.userId, ...member };
  },
});

export const registerInvited = route({
  name: 'invitations.register',
  method: 'POST',
  path: '/api/teams/invitations/:token/register',
  access: 'public',
  tenantFrom,
  secretReply: true,
  summary: 'Make an account for the address that was invited, and accept; the address counts as verified',
  params: TokenParams,
  body: { json: Type.Object({ firstName: Name, lastName: Name, password: Type.String({ minLength: 1, maxLength: 1024 }) }, closed) },
  status: 201,
  response: Member,
  async handler(ctx, { body }) {
    const found = await linkedInvitation(ctx);
    const userId = ctx.random.uuid();
    const member = await takeInvitation(ctx, found, userId, ({ email, role, invitedBy }) =>
      ctx.services.teams.register({ userId, email, role, grantedBy: invitedBy, ...body, emit: joinedEvent(ctx, userId, found) }),
    );
    return reply({ status: 201, json: { id: member.userId, ...member } });
  },
});
