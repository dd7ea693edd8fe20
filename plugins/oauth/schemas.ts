import { ExternalConnection, Type } from '@proofpix/sdk';

const closed = { additionalProperties: false } as const;
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const ProviderId = Type.String({ pattern: '^[a-z][a-z0-9-]{0,29}$' });
export const ProviderParams = Type.Object({ provider: ProviderId });
const Mode = Type.Enum(['sign-in', 'link']);

export const StartQuery = Type.Object(
  {
    /** Where to go when the provider is done; within PUBLIC_URL or CORS_ORIGINS. */
    redirectTo: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    /** Default: `link` for somebody who is logged in, else `sign-in`. */
    mode: Type.Optional(Mode),
    /** `1` sends the browser on; else the address is in the answer. */
    redirect: Type.Optional(Type.Enum(['0', '1'])),
    /** Which account to suggest. */
    loginHint: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
  },
  closed,
);

export const Started = Type.Object({
  provider: ProviderId,
  mode: Mode,
  authorizationUrl: Type.String(),
  state: Type.String(),
  /** Proves at the end that the same client began; not needed in the same browser. */
  flowToken: Type.String(),
  /** Seconds. */
  expiresIn: Type.Integer(),
});

const Parameter = Type.String({ maxLength: 4096 });

/** Parameters of an authorization response (RFC 6749, section 4.1.2; RFC 9207); providers add their own. */
export const CallbackQuery = Type.Object({ state: Type.String({ minLength: 1, maxLength: 512 }), code: Type.Optional(Parameter), iss: Type.Optional(Parameter), error: Type.Optional(Parameter), error_description: Type.Optional(Parameter) });

/** `callbackUrl`: the whole address that the provider sent the browser to, instead of its parameters one by one. */
export const CallbackBody = Type.Object(
  {
    callbackUrl: Type.Optional(Type.String({ maxLength: 8192 })),
    state: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    code: Type.Optional(Parameter),
    iss: Type.Optional(Parameter),
    error: Type.Optional(Parameter),
    error_description: Type.Optional(Parameter),
    flowToken: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  },
  closed,
);

/** A login, a request for the second factor, or the new link. */
export const CallbackReply = Type.Object({
  accessToken: Type.Optional(Type.String()),
  refreshToken: Type.Optional(Type.String()),
  expiresIn: Type.Optional(Type.Integer()),
  user: Type.Optional(Type.Object({ id: Type.String(), email: Type.String(), firstName: Type.String(), lastName: Type.String() }, { additionalProperties: true })),
  mfaRequired: Type.Optional(Type.Boolean()),
  mfaToken: Type.Optional(Type.String()),
  methods: Type.Optional(Type.Array(Type.String())),
  connection: Type.Optional(ExternalConnection),
});

export const Disconnected = Type.Object({ provider: ProviderId, disconnected: Type.Boolean(), /** Whether the provider took its tokens back. */ revocation: Type.Enum(['revoked', 'failed', 'unsupported']) });

export const RefreshBody = Type.Object({ provider: ProviderId }, closed);
export const Refreshed = Type.Object({ provider: ProviderId, /** False when it was done within the last ten seconds. */ refreshed: Type.Boolean(), expiresAt: Nullable(Type.String()), scope: Nullable(Type.String()) });

export const UserInfo = Type.Object({
  provider: ProviderId,
  issuer: Type.String(),
  subject: Type.String(),
  email: Nullable(Type.String()),
  emailVerified: Type.Boolean(),
  name: Nullable(Type.String()),
  picture: Nullable(Type.String()),
  /** As the provider tells it. */
  claims: Type.Record(Type.String(), Type.Unknown()),
});

export const ValidateBody = Type.Object({ provider: ProviderId, /** Left out: one's own access token. */ token: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })), /** Default `id_token`. */ type: Type.Optional(Type.Enum(['id_token', 'access_token'])) }, closed);
export const Validated = Type.Object({
  provider: ProviderId,
  active: Type.Boolean(),
  checkedBy: Type.Enum(['signature', 'introspection', 'user-info', 'expiry']),
  reason: Nullable(Type.String()),
  issuer: Nullable(Type.String()),
  subject: Nullable(Type.String()),
  scope: Nullable(Type.String()),
  expiresAt: Nullable(Type.String()),
});

export const ProviderList = Type.Object({ items: Type.Array(Type.Object({ id: ProviderId, title: Type.String(), startPath: Type.String() })), nextCursor: Type.Null() });
export const ConnectionList = Type.Object({ items: Type.Array(ExternalConnection), nextCursor: Type.Null() });
