import { reply, Type, ValidationError } from '@proofpix/sdk';
import { NoSuchUser } from '../errors.ts';
import { route } from '../kit.ts';
import { Profile, UserParams } from '../schemas.ts';
import { fromBase64 } from '../services/base64.ts';
import { beside, selfOf } from '../services/events.ts';
import { profileView } from '../services/profile-view.ts';

const sizes = [64, 256];
const maxBytes = 8_388_608;
/** As long as the images plugin may take. */
const handleSeconds = 120;

export const uploadAvatar = route({
  name: 'uploadAvatar',
  method: 'POST',
  path: '/api/users/avatar/upload',
  access: 'tenant',
  summary: 'Replace one’s own picture: JPEG, PNG, WebP or GIF',
  body: { multipart: { maxFiles: 1, maxBytes } },
  status: 201,
  response: Profile,
  timeoutMs: 60_000,
  async handler(ctx, { files }) {
    const [file, ...more] = files;
    if (file === undefined || more.length > 0) throw ValidationError({ message: 'Send exactly one picture.', details: { field: 'avatar', issue: 'exactly one file is required' } });
    // the upload itself is dropped with the request: only the squares are kept
    const handle = await ctx.files.share(file.handle, { ttlSeconds: handleSeconds });
    const { images } = await ctx.services.images.make({ file: handle, sizes });
    const profile = profileView(await ctx.services.users.putAvatar({ images, ...beside(ctx, 'users.avatar-updated', { userId: selfOf(ctx) }) }));
    return reply({ status: 201, headers: { location: profile.avatarUrl ?? '' }, json: profile });
  },
});

export const removeAvatar = route({
  name: 'removeAvatar',
  method: 'DELETE',
  path: '/api/users/avatar',
  access: 'user',
  summary: 'Take one’s own picture away',
  status: 204,
  async handler(ctx) {
    await ctx.services.users.removeAvatar(beside(ctx, 'users.avatar-updated', { userId: selfOf(ctx) }));
    return reply({ status: 204 });
  },
});

export const getAvatar = route({
  name: 'getAvatar',
  method: 'GET',
  path: '/api/users/:userId/avatar',
  access: 'user',
  summary: 'The picture of oneself or a member of the team',
  params: UserParams,
  query: Type.Object({ size: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })), v: Type.Optional(Type.String({ maxLength: 64 })) }, { additionalProperties: false }),
  produces: ['image/webp'],
  async handler(ctx, { params, query, headers }) {
    const found = await ctx.services.users.getAvatar({ userId: params.userId, size: query.size ?? 256 });
    if (found === null) throw NoSuchUser({ message: 'There is no such picture.' });
    const etag = `"${found.sha256}"`;
    // private: who may see it depends on who asks
    const caching = { etag, 'cache-control': 'private, max-age=300', vary: 'Authorization, X-API-Key, X-Team-Id' };
    if ((headers['if-none-match'] ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) return reply({ status: 304, headers: caching });
    return reply({ headers: { ...caching, 'content-type': 'image/webp' }, bytes: fromBase64(found.base64) });
  },
});
