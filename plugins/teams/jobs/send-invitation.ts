import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { invitationLetter, nameOf } from '../services/invitation-mail.ts';
import { linkIdOf } from '../services/take-invitation.ts';

/** Mails an invitation, unless it has ended or was sent anew in the meantime. Running twice sends one mail. */
export const sendInvitation = job('send-invitation', {
  schema: Type.Object({ invitationId: Type.String({ format: 'uuid' }), sending: Type.Integer({ minimum: 1 }) }),
  retryLimit: 8,
  retryDelaySeconds: 15,
  timeoutMs: 30_000,
  async handler(ctx, { data: { invitationId, sending } }) {
    const found = await ctx.db.invitations.get(invitationId);
    const leftSeconds = found === null ? 0 : Math.floor((Date.parse(found.expiresAt) - ctx.clock.now()) / 1000);
    if (found === null || found.sending !== sending || found.status !== 'pending' || leftSeconds < 60) return { sent: false };
    // behind the `#`, so that no server on the way writes it into a log
    const token = await ctx.links.sign({ purpose: 'invitation', id: linkIdOf(invitationId, sending), expiresInSeconds: leftSeconds });
    const [{ name: team }, inviter, { url }] = [await ctx.services.teams.get({}), await nameOf(ctx, found.invitedBy), await ctx.services.mail.linkTo({ path: `/account/invitation#token=${token}` })];
    const letter = invitationLetter({ team, inviter, url, expiresAt: found.expiresAt });
    await ctx.services.mail.send({ to: found.email, ...letter, purpose: 'invitation', idempotencyKey: linkIdOf(invitationId, sending), usefulForSeconds: leftSeconds });
    return { sent: true };
  },
});
