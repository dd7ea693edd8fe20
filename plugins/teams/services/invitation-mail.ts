import type { TeamsContext } from '../kit.ts';

export interface InvitationLetter {
  team: string;
  /** null when whoever invited is no member any more */
  inviter: string | null;
  url: string;
  /** RFC 3339 */
  expiresAt: string;
}

/** Names come from people: one line, no marks that turn the direction, not longer than a line can bear. */
const clean = (name: string, most: number): string => {
  const line = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ').replaceAll(/\s+/g, ' ').trim();
  return [...line].slice(0, most).join('');
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** Dots that mail programs do not take for an address: a name such as `evil.example` must not become a link. */
const unlinked = (text: string): string => text.replaceAll('.', '.\u2060').replaceAll('://', ':\u2060//');

/** Subject and bodies. What people wrote stands in quotes and is no link. */
export function invitationLetter({ team, inviter, url, expiresAt }: InvitationLetter): { subject: string; text: string; html: string } {
  const teamName = unlinked(clean(team, 80));
  const from = inviter === null ? 'You have been invited' : `${unlinked(clean(inviter, 80))} has invited you`;
  const until = `${expiresAt.slice(0, 16).replace('T', ' ')} UTC`;
  const subject = `Invitation to the team "${teamName}"`;
  const opening = `${from} to the team "${teamName}".`;
  const closing = `The link is for this address alone and good until ${until}. If you did not expect it, ignore this mail: nothing happens.`;
  return {
    subject,
    text: `${opening}\n\nAccept the invitation:\n${url}\n\n${closing}\n`,
    html: `<p>${escaped(opening)}</p><p><a href="${escaped(url)}">Accept the invitation</a></p><p>${escaped(closing)}</p>`,
  };
}

/** Whole name of a member, or null. */
export async function nameOf(ctx: TeamsContext, userId: string): Promise<string | null> {
  const member = await ctx.services.teams.getMember({ userId });
  return member === null ? null : `${member.firstName} ${member.lastName}`;
}
