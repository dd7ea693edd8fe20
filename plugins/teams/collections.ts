import { collection, Type } from '@proofpix/sdk';

export const collections = {
  invitations: collection({
    schema: Type.Object({
      /** Normalised by the kernel. */
      email: Type.String({ maxLength: 254 }),
      /** A built-in role, or a custom role's id. */
      role: Type.String({ maxLength: 64 }),
      status: Type.Enum(['pending', 'accepting', 'accepted', 'revoked']),
      /** Counts sendings: a token names the one it was made for, so that resending ends the token before. */
      sending: Type.Integer({ minimum: 1 }),
      invitedBy: Type.String({ format: 'uuid' }),
      sentAt: Type.String({ format: 'date-time' }),
      expiresAt: Type.String({ format: 'date-time' }),
      /** Who is taking it, or has taken it. */
      userId: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
    }),
    indexes: [['email', 'status'], ['status', 'expiresAt']],
  }),
  settings: collection({
    schema: Type.Object({
      /** Always `settings`: a team has one record. */
      key: Type.String({ maxLength: 20 }),
      values: Type.Record(Type.String(), Type.Unknown()),
    }),
    unique: [['key']],
  }),
};
