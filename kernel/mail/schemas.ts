import { Type } from 'typebox';

const Nullable = (schema: Parameters<typeof Type.Union>[0][number]) => Type.Union([schema, Type.Null()]);
const Moment = Type.String({ format: 'date-time' });
const State = Type.Enum(['queued', 'sent', 'failed', 'held']);

/** What became of a mail. */
export const MailReply = Type.Object({
  id: Type.String({ format: 'uuid' }),
  tenantId: Nullable(Type.String({ format: 'uuid' })),
  recipient: Type.String(),
  subject: Type.String(),
  purpose: Type.String(),
  /** `held` waits because no mail server is configured */
  state: State,
  attempts: Type.Integer(),
  lastError: Nullable(Type.String()),
  createdAt: Moment,
  /** it is not sent any more after that */
  expiresAt: Moment,
  sentAt: Nullable(Moment),
});

/** The body is null once the mail was handed over or is of no use any more. */
export const MailWithBodyReply = Type.Object({ ...MailReply.properties, body: Nullable(Type.Object({ text: Type.String(), html: Nullable(Type.String()) })) });

export const MailListReply = Type.Object({ items: Type.Array(MailReply), nextCursor: Nullable(Type.String()) });

export const MailListQuery = Type.Object(
  { state: Type.Optional(State), purpose: Type.Optional(Type.String({ maxLength: 100 })), limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }), cursor: Type.Optional(Type.String({ maxLength: 200 })) },
  { additionalProperties: false },
);

export const MailParams = Type.Object({ mailId: Type.String({ format: 'uuid' }) });
