import { collection, Type } from '@proofpix/sdk';
import { BillingContact, SettingValues } from './contract.ts';

const Time = Type.String({ format: 'date-time' });

export const collections = {
  /** One record per address: inviting again takes it up again, and ends what was sent before. */
  invitations: collection({
    schema: Type.Object({
      /** As accounts are known by. */
      email: Type.String({ maxLength: 254 }),
      /** A built-in role, or a custom role's id. */
      role: Type.String({ maxLength: 64 }),
      /** `accepting` while the kernel is asked, so that an invitation is not taken twice. */
      status: Type.Enum(['pending', 'accepting', 'accepted', 'revoked']),
      /** Counts mails to the address: a token names the one that it came with, and only the last is good. */
      sending: Type.Integer({ minimum: 1 }),
      /** How often it was sent again since it was made. */
      resent: Type.Integer({ minimum: 0 }),
      invitedBy: Type.String({ format: 'uuid' }),
      sentAt: Time,
      expiresAt: Time,
      /** Who is taking it, or has taken it. */
      userId: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
    }),
    indexes: [['status', 'expiresAt']],
    unique: [['email']],
  }),
  /** What a team has set; one record, whose `key` is always `settings`. Defaults are not stored. */
  settings: collection({
    schema: Type.Object({ key: Type.String({ maxLength: 20 }), revision: Type.Integer({ minimum: 1 }), values: Type.Partial(SettingValues) }),
    unique: [['key']],
  }),
  /** One record, whose `key` is always `contact`. */
  billing: collection({
    schema: Type.Object({ key: Type.String({ maxLength: 20 }), contact: BillingContact }),
    unique: [['key']],
  }),
};
