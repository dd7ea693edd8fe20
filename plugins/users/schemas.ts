import { Type, type Static } from '@proofpix/sdk';

const closed = { additionalProperties: false };
export const Time = Type.String({ format: 'date-time' });
export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Uuid = Type.String({ format: 'uuid' });

export const UserParams = Type.Object({ userId: Uuid });
export const Page = { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), cursor: Type.Optional(Type.String({ maxLength: 4000 })) };
const Line = (maxLength: number) => Type.String({ maxLength });

export const Profile = Type.Object({
  id: Type.String(),
  email: Type.String(),
  emailVerified: Type.Boolean(),
  firstName: Type.String(),
  lastName: Type.String(),
  jobTitle: nullable(Type.String()),
  phone: nullable(Type.String()),
  bio: nullable(Type.String()),
  status: Type.String(),
  operator: Type.Boolean(),
  /** Path of the picture; null without one. */
  avatarUrl: nullable(Type.String()),
  createdAt: Time,
  lastLoginAt: nullable(Time),
  /** When the account will be erased; null when nobody asked for it. */
  eraseAt: nullable(Time),
});
export type Profile = Static<typeof Profile>;

export const ProfileBody = Type.Object(
  {
    firstName: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    lastName: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    jobTitle: Type.Optional(nullable(Line(100))),
    phone: Type.Optional(nullable(Type.String({ maxLength: 40, pattern: '^[0-9+() ./x-]*$' }))),
    bio: Type.Optional(nullable(Line(1000))),
  },
  { ...closed, minProperties: 1 },
);

export const Person = Type.Object({
  id: Type.String(),
  email: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
  status: Type.Enum(['active', 'suspended']),
  role: nullable(Type.String()),
  joinedAt: nullable(Time),
  operator: Type.Boolean(),
  createdAt: Time,
  lastLoginAt: nullable(Time),
  eraseAt: nullable(Time),
});

export const ListQuery = Type.Object(
  {
    scope: Type.Optional(Type.Enum(['team', 'deployment'])),
    search: Type.Optional(Type.String({ maxLength: 200 })),
    status: Type.Optional(Type.Enum(['active', 'suspended', 'leaving'])),
    role: Type.Optional(Type.String({ maxLength: 64 })),
    sort: Type.Optional(Type.Enum(['name', 'email', 'createdAt'])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    ...Page,
  },
  closed,
);

export const pageOf = <T extends Parameters<typeof Type.Array>[0]>(items: T) => Type.Object({ items: Type.Array(items), nextCursor: nullable(Type.String()) });

export const Activity = Type.Object({
  id: Type.String(),
  at: Time,
  action: Type.String(),
  target: nullable(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown()),
  teamId: nullable(Type.String()),
  credentialId: nullable(Type.String()),
  impersonatorId: nullable(Type.String()),
  requestId: nullable(Type.String()),
});

export const ActivityQuery = Type.Object({ action: Type.Optional(Type.String({ maxLength: 200, pattern: '^[a-z0-9.-]+\\*?$' })), from: Type.Optional(Time), to: Type.Optional(Time), ...Page }, closed);

export const Problem = Type.Object({ code: Type.String(), message: Type.String() });

export const Export = Type.Object({
  id: Type.String(),
  state: Type.Enum(['queued', 'running', 'completed', 'failed']),
  sizeBytes: nullable(Type.Integer()),
  downloadUrl: nullable(Type.String()),
  error: nullable(Problem),
  createdAt: Time,
  completedAt: nullable(Time),
  expiresAt: Time,
});

export const BulkOperation = Type.Object({
  id: Type.String(),
  operation: Type.String(),
  state: Type.Enum(['queued', 'running', 'completed', 'failed']),
  total: Type.Integer(),
  succeeded: Type.Integer(),
  /** Were so before. */
  unchanged: Type.Integer(),
  failed: Type.Integer(),
  pending: Type.Integer(),
  createdBy: Type.String(),
  createdAt: Time,
  completedAt: nullable(Time),
});
export const BulkResult = Type.Object({ position: Type.Integer(), userId: Type.String(), state: Type.Enum(['pending', 'running', 'succeeded', 'unchanged', 'failed']), error: nullable(Problem) });
