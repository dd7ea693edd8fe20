import { route } from '../kit.ts';
import { Profile, ProfileBody } from '../schemas.ts';
import { beside, selfOf } from '../services/events.ts';
import { profileView } from '../services/profile-view.ts';

export const getProfile = route({
  name: 'getProfile',
  method: 'GET',
  path: '/api/users/profile',
  access: 'user',
  summary: 'One’s own profile',
  response: Profile,
  handler: async (ctx) => profileView(await ctx.services.users.getProfile({})),
});

export const updateProfile = route({
  name: 'updateProfile',
  method: 'PUT',
  path: '/api/users/profile/update',
  access: 'user',
  summary: 'Change one’s own profile; null takes an optional field away',
  body: { json: ProfileBody },
  response: Profile,
  handler: async (ctx, { body }) =>
    profileView(await ctx.services.users.updateProfile({ ...body, ...beside(ctx, 'users.profile-updated', { userId: selfOf(ctx), fields: Object.keys(body) }) })),
});
