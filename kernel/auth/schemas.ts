import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Uuid = Type.String({ format: 'uuid' });
const Secret = Type.String({ minLength: 1, maxLength: 1024 });
// the address itself is judged by the service: a login must not tell a strange address from an unknown one
const Email = Type.String({ minLength: 1, maxLength: 254 });
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Token = Type.String({ minLength: 1, maxLength: 4096 });

export const RegisterBody = Type.Object({ email: Email, password: Secret, firstName: Name, lastName: Name }, closed);
export const LoginBody = Type.Object({ email: Email, password: Secret }, closed);
export const RefreshBody = Type.Object({ refreshToken: Token }, closed);
export const LogoutBody = Type.Object({ refreshToken: Type.Optional(Token) }, closed);
export const ChangePasswordBody = Type.Object({ currentPassword: Secret, newPassword: Secret }, closed);
export const EmailBody = Type.Object({ email: Email }, closed);
export const TokenBody = Type.Object({ token: Token }, closed);
export const ResetPasswordBody = Type.Object({ token: Token, password: Secret }, closed);
export const ChangeEmailBody = Type.Object({ email: Email, password: Secret }, closed);
export const SessionParams = Type.Object({ sessionId: Uuid });
export const SetupBody = Type.Object({ token: Token, email: Email, password: Secret }, closed);

export const UserReply = Type.Object({ id: Uuid, email: Type.String(), firstName: Type.String(), lastName: Type.String(), operator: Type.Boolean(), createdAt: Type.String({ format: 'date-time' }) });

export const LoginReply = Type.Object({
  accessToken: Type.String(),
  refreshToken: Type.String(),
  /** seconds */
  expiresIn: Type.Integer(),
  user: UserReply,
});

const Membership = Type.Object({ tenantId: Uuid, name: Type.String(), role: Type.String() });

export const MeReply = Type.Object({
  ...UserReply.properties,
  tenantId: Type.Union([Uuid, Type.Null()]),
  role: Type.Union([Type.String(), Type.Null()]),
  memberships: Type.Array(Membership),
});

export const JwksReply = Type.Object({ keys: Type.Array(Type.Object({}, { additionalProperties: true })) });

export const RegisterReply = Type.Object({ email: Type.String(), verificationRequired: Type.Boolean(), message: Type.String() });
export const MessageReply = Type.Object({ message: Type.String() });
export const EmailReply = Type.Object({ email: Type.String() });

const Moment = Type.String({ format: 'date-time' });
export const SessionsReply = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Uuid,
      current: Type.Boolean(),
      /** `password`, `passkey`, `oauth:<provider>`, `impersonation` */
      method: Type.String(),
      secondFactor: Type.Boolean(),
      address: Type.Union([Type.String(), Type.Null()]),
      userAgent: Type.Union([Type.String(), Type.Null()]),
      createdAt: Moment,
      lastUsedAt: Moment,
      expiresAt: Moment,
    }),
  ),
  nextCursor: Type.Null(),
});
