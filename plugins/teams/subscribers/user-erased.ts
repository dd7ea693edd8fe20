import { subscriber, type TeamsContext } from '../kit.ts';

/** What is needed of the payload of `users.erased`. */
interface Erased {
  userId: string;
  /** lower-case hex, of the normalised address */
  emailSha256: string;
  teamGone: boolean;
}

const batch = 200;

/** Invitations that a person has taken or made (nobody could take these any more), and those to their address, which is kept nowhere but in them. */
async function dropInvitations(ctx: TeamsContext, { userId, emailSha256 }: Erased): Promise<void> {
  await ctx.db.invitations.delete({ $or: [{ userId }, { invitedBy: userId }] });
  const hex = (email: string): string => Array.from(ctx.crypto.hash('sha256', email), (byte) => byte.toString(16).padStart(2, '0')).join('');
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<TeamsContext['db']['invitations']['find']>> = await ctx.db.invitations.find({ limit: batch, ...(cursor === null ? {} : { cursor }) });
    for (const { id, email } of page.items) if (hex(email) === emailSha256) await ctx.db.invitations.delete(id);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const billing = await ctx.db.billing.findOne({ key: 'contact' });
  if (billing !== null && hex(billing.contact.email.toLowerCase()) === emailSha256) await ctx.db.billing.delete(billing.id);
}

/** A person is gone: what names them goes too, and with their own team everything. */
export const userErased = subscriber<Erased>({
  name: 'user-erased',
  event: 'users.erased',
  retryLimit: 10,
  async handler(ctx, { payload }) {
    if (!payload.teamGone) return dropInvitations(ctx, payload);
    await ctx.db.transaction(async (tx) => {
      await tx.db.invitations.delete({});
      await tx.db.settings.delete({});
      await tx.db.billing.delete({});
    });
  },
});
