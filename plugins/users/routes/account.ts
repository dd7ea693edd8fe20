import { reply, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Profile, Time } from '../schemas.ts';
import { beside, selfOf } from '../services/events.ts';
import { profileView } from '../services/profile-view.ts';

export const deleteAccount = route({
  name: 'deleteAccount',
  method: 'DELETE',
  path: '/api/users/account',
  access: 'user',
  summary: 'Have one’s account erased after the days of grace; needs the password, or a fresh sign-in with a second factor',
  body: { json: Type.Object({ password: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })) }, { additionalProperties: false }) },
  status: 202,
  response: Type.Object({ id: Type.String(), eraseAt: Time }),
  async handler(ctx, { body }) {
    const userId = selfOf(ctx);
    const { eraseAt } = await ctx.services.users.requestErasure({ password: body.password ?? null, ...beside(ctx, 'users.erasure-requested', { userId }) });
    // on the minute where there is a team to run it in; the daily sweep of any team makes up for a job that is lost
    if (ctx.auth.tenantId !== '') await ctx.jobs.send('erase-accounts', { userId }, { startAfter: eraseAt });
    return reply({ status: 202, json: { id: userId, eraseAt } });
  },
});

export const restoreAccount = route({
  name: 'restoreAccount',
  method: 'POST',
  path: '/api/users/account/restore',
  access: 'user',
  summary: 'Keep one’s account after all',
  response: Profile,
  handler: async (ctx) => profileView(await ctx.services.users.restore(beside(ctx, 'users.erasure-withdrawn', { userId: selfOf(ctx) }))),
});
