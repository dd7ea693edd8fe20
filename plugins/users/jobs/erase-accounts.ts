import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';

/** Per run; what is left waits for the next one, in this team or another. */
const batch = 20;

/**
 * Erases accounts whose days of grace are over. Sent for the moment when one is due, and once a day in every team for
 * whatever was missed; which accounts are due, the kernel alone says.
 */
export const eraseAccounts = job('erase-accounts', {
  schema: Type.Object({ userId: Type.Optional(Type.String({ format: 'uuid' })) }),
  retryLimit: 10,
  retryDelaySeconds: 30,
  timeoutMs: 300_000,
  cron: '17 3 * * *',
  async handler(ctx, { data }) {
    const { erased } = await ctx.services.users.eraseDue({ userId: data.userId ?? null, limit: batch, event: 'users.erased' });
    return { erased: erased.length };
  },
});
