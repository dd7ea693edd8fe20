import { ValidationError } from '@proofpix/sdk';
import type { BillingContact, BillingContactUpdated } from '../contract.ts';
import type { TeamsContext } from '../kit.ts';

const key = 'contact';

/** Lines of an address end on bills and in mails: one line each. */
function requireLines(value: unknown, field: string): void {
  if (typeof value === 'object' && value !== null) for (const [name, part] of Object.entries(value)) requireLines(part, `${field}.${name}`);
  else if (typeof value === 'string' && /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(value)) throw ValidationError({ message: `${field} is not valid.`, details: { field, issue: 'must be one line without control characters' } });
}

export async function billingOf(ctx: TeamsContext) {
  const found = await ctx.db.billing.findOne({ key });
  return { teamId: ctx.auth.tenantId, contact: found?.contact ?? null, updatedAt: found?.updatedAt ?? null };
}

/** The log and the event tell that it changed, not what it says. */
export async function setBillingContact(ctx: TeamsContext, contact: BillingContact): Promise<void> {
  const teamId = ctx.auth.tenantId;
  requireLines(contact, 'body');
  const updated: BillingContactUpdated = { teamId };
  await ctx.db.transaction(async (tx) => {
    await tx.db.billing.upsert({ key, contact }, ['key']);
    await tx.events.emit('teams.billing-contact-updated', updated);
  });
  await ctx.auth.audit({ action: 'billing-contact-updated', target: teamId });
}
