import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Uuid = Type.String({ format: 'uuid' });
const Time = Type.String({ format: 'date-time' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Day = Type.String({ format: 'date', description: 'A day in UTC, as YYYY-MM-DD.' });

const Permissions = Type.Array(Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}:[a-z][a-z0-9-]{0,63}$', maxLength: 128 }), { maxItems: 200, description: 'What the key may do at most: `<plugin>:<action>`, each held by whoever makes the key. The role of its user bounds it as well, at every request.' });

export const KeyParams = Type.Object({ keyId: Uuid }, closed);

export const GenerateBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\x00-\\x1f\\x7f]+$' }),
    permissions: Permissions,
    expiresAt: Type.Optional(Time),
    addresses: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 64 }), { maxItems: 50, description: 'Addresses and CIDR ranges that it may come from; empty is any.' })),
    requestsPerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Beside the limit of the deployment.' })),
    signsRequests: Type.Optional(Type.Boolean({ default: false, description: 'Every request must be signed by HMAC.' })),
  },
  closed,
);

export const RotateBody = Type.Object({ overlapSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 604_800, default: 86_400, description: 'How long the old secret stays good.' })) }, closed);
export const PermissionsBody = Type.Object({ permissions: Permissions }, closed);

export const ListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: Type.Optional(Uuid),
    mine: Type.Optional(Type.Boolean({ default: false, description: 'Only one’s own keys.' })),
    includeRevoked: Type.Optional(Type.Boolean({ default: false })),
  },
  closed,
);

export const UsageQuery = Type.Object({ from: Type.Optional(Day), to: Type.Optional(Day) }, closed);

export const KeyReply = Type.Object({
  id: Uuid,
  name: Type.String(),
  hint: Type.String({ description: 'How the key begins.' }),
  userId: Uuid,
  permissions: orNull(Type.Array(Type.String())),
  addresses: orNull(Type.Array(Type.String())),
  requestsPerMinute: orNull(Type.Integer()),
  signsRequests: Type.Boolean(),
  status: Type.Enum(['active', 'expired', 'revoked']),
  createdAt: Time,
  lastUsedAt: orNull(Time),
  expiresAt: orNull(Time),
  rotatedAt: orNull(Time),
  previousUntil: orNull(Time),
  revokedAt: orNull(Time),
});

export const KeyWithSecretReply = Type.Object({
  ...KeyReply.properties,
  key: Type.String({ description: 'Shown this once.' }),
  signingSecret: orNull(Type.String({ description: 'For HMAC; shown this once. Null when requests are not signed.' })),
});

export const KeyListReply = Type.Object({ items: Type.Array(KeyReply), nextCursor: orNull(Type.String()) });

const count = { requests: Type.Integer(), errors: Type.Integer({ description: 'Answered with a status of 400 or more.' }) };

export const UsageReply = Type.Object({
  keyId: Uuid,
  from: Day,
  to: Day,
  ...count,
  days: Type.Array(Type.Object({ day: Day, ...count })),
  endpoints: Type.Array(Type.Object({ endpoint: Type.String({ description: 'Method and route, or `other`.' }), ...count })),
});
