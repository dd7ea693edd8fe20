import { NotFound, reply, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { closed, Invitation, InvitationParams, InvitationStatus, PageQuery, pageOf, RoleName, TeamParams } from '../schemas.ts';
import { invitationView, openInvitation, requireWelcome, resendInvitation, revokeInvitation } from '../services/invitations.ts';
import { masked } from '../services/masked-address.ts';
import { settingValues } from '../services/settings.ts';

const tenantRoute = { access: 'tenant', tenantParam: 'teamId', permission: 'teams:manage-members' } as const;
const noInvitation = () => NotFound({ message: 'There is no such invitation, or it has ended.' });

export const invite = route({
  ...tenantRoute,
  name: 'invitations.create',
  method: 'POST',
  path: '/api/teams/:teamId/invite',
  summary: 'Invite somebody by mail; the answer is the same whether the address has an account or not',
  params: TeamParams,
  body: { json: Type.Object({ email: Type.String({ minLength: 3, maxLength: 254 }), role: Type.Optional(RoleName) }, closed) },
  status: 201,
  response: Invitation,
  async handler(ctx, { body }) {
    const role = body.role ?? (await settingValues(ctx)).defaultRole;
    const { email } = await ctx.services.teams.checkInvitation({ email: body.email, role });
    await requireWelcome(ctx, email);
    const made = await openInvitation(ctx, { email, role, invitedBy: ctx.auth.principal.userId ?? '' });
    // the log is for ever and cannot be rewritten: an address must not be in it
    await ctx.auth.audit({ action: 'invitation-created', target: made.id, details: { email: masked(email), role } });
    return reply({ status: 201, json: invitationView(ctx, made) });
  },
});

export const listInvitations = route({
  ...tenantRoute,
  name: 'invitations.list',
  method: 'GET',
  path: '/api/teams/:teamId/invitations',
  summary: 'Invitations of a team, oldest first',
  params: TeamParams,
  query: Type.Object({ ...PageQuery, status: Type.Optional(InvitationStatus) }),
  response: pageOf(Invitation),
  async handler(ctx, { query: { status, limit, cursor = null } }) {
    const now = ctx.clock.date().toISOString();
    const open = { status: { $in: ['pending', 'accepting'] as const } };
    const where = status === undefined ? {} : status === 'pending' ? { ...open, expiresAt: { $gt: now } } : status === 'expired' ? { ...open, expiresAt: { $lte: now } } : { status };
    const { items, nextCursor } = await ctx.db.invitations.find({ where, limit, cursor });
    return { items: items.map((one) => invitationView(ctx, one)), nextCursor };
  },
});

export const resend = route({
  ...tenantRoute,
  name: 'invitations.resend',
  method: 'POST',
  path: '/api/teams/:teamId/invitations/:invitationId/resend',
  summary: 'Send an invitation again, five times at the most; the link sent before ends',
  params: InvitationParams,
  response: Invitation,
  async handler(ctx, { params: { invitationId } }) {
    const sent = await resendInvitation(ctx, invitationId);
    if (sent === null) throw noInvitation();
    await ctx.auth.audit({ action: 'invitation-resent', target: invitationId });
    return invitationView(ctx, sent);
  },
});

export const revoke = route({
  ...tenantRoute,
  name: 'invitations.revoke',
  method: 'DELETE',
  path: '/api/teams/:teamId/invitations/:invitationId',
  summary: 'Revoke an invitation: its link ends',
  params: InvitationParams,
  status: 204,
  async handler(ctx, { params: { invitationId } }) {
    if (!(await revokeInvitation(ctx, invitationId))) throw noInvitation();
    await ctx.auth.audit({ action: 'invitation-revoked', target: invitationId });
    return reply({ status: 204 });
  },
});
