import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Emit, Id, Nullable, Text } from './shared.ts';

const Flag = Type.Boolean();
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Status = Type.Enum(['active', 'suspended']);
const Moment = Type.String({ format: 'date-time' });
const Fields = Type.Record(Text, Type.Unknown());
const page = { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), cursor: Type.Optional(Nullable(Text)) };
const pageOf = <T extends Parameters<typeof Type.Array>[0]>(items: T) => Type.Object({ items: Type.Array(items), nextCursor: Nullable(Text) });

/** The principal's own account. `avatar` is the SHA-256 of the largest picture; `eraseAt` is set while the account is leaving. */
export const KernelProfile = Type.Object({
  id: Id,
  email: Text,
  emailVerified: Flag,
  firstName: Text,
  lastName: Text,
  jobTitle: Nullable(Text),
  phone: Nullable(Text),
  bio: Nullable(Text),
  status: Text,
  operator: Flag,
  avatar: Nullable(Text),
  createdAt: Text,
  lastLoginAt: Nullable(Text),
  eraseAt: Nullable(Text),
});
/** A person in a list; `role` and `joinedAt` are null in a list of the deployment. */
export const KernelPerson = Type.Object({
  id: Id,
  email: Text,
  firstName: Text,
  lastName: Text,
  status: Status,
  role: Nullable(Text),
  joinedAt: Nullable(Text),
  operator: Flag,
  createdAt: Text,
  lastLoginAt: Nullable(Text),
  eraseAt: Nullable(Text),
});
/** An entry of the audit log, as what its actor did. */
export const KernelActivity = Type.Object({
  id: Text,
  at: Text,
  action: Text,
  target: Nullable(Text),
  details: Fields,
  teamId: Nullable(Id),
  credentialId: Nullable(Text),
  impersonatorId: Nullable(Id),
  requestId: Nullable(Text),
});

/**
 * `kernel:identity`. Accounts of people. Methods without a `userId` are about the principal, and work
 * without a team. Whether the principal may touch somebody else is for the calling plugin's permissions
 * to say; what only operators may, who may not be touched by whom, and what nobody does while acting
 * for somebody else is checked here (FORBIDDEN, CONFLICT). Changes are in the audit log, and their
 * events in the outbox, in one transaction with the change; events need a team.
 */
export const kernelUsers = defineService({
  id: 'kernel.users',
  version: '1.0.0',
  methods: {
    getProfile: { input: Type.Object({}), output: KernelProfile, idempotent: true },
    /** Null takes an optional field away. */
    updateProfile: {
      input: Type.Object({
        firstName: Type.Optional(Name),
        lastName: Type.Optional(Name),
        jobTitle: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
        phone: Type.Optional(Nullable(Type.String({ maxLength: 40 }))),
        bio: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
        emit: Emit,
      }),
      output: KernelProfile,
      idempotent: true,
    },
    /** What is stored, without defaults: the schema is the plugin's. */
    getPreferences: { input: Type.Object({}), output: Type.Object({ preferences: Fields }), idempotent: true },
    /** A JSON merge patch (RFC 7396): null takes a value away. At most 16 KiB in all. */
    updatePreferences: { input: Type.Object({ patch: Fields }), output: Type.Object({ preferences: Fields }), idempotent: true },
    /** Replaces the picture: WebP squares in base64, 256 KiB each at the most. */
    putAvatar: { input: Type.Object({ images: Type.Array(Type.Object({ size: Type.Integer({ minimum: 16, maximum: 1024 }), base64: Type.String({ maxLength: 349_528 }) }), { minItems: 1, maxItems: 4 }), emit: Emit }), output: KernelProfile, idempotent: true },
    removeAvatar: { input: Type.Object({ emit: Emit }), output: Type.Object({ removed: Flag }), idempotent: true },
    /** Of the principal or a member of the call's team; operators see everybody's. Null without one, and for anybody else. */
    getAvatar: { input: Type.Object({ userId: Id, size: Type.Integer({ minimum: 1, maximum: 1024 }) }), output: Nullable(Type.Object({ size: Type.Integer(), sha256: Text, base64: Text })), idempotent: true },
    /** `search` finds beginnings of words of name and address, all of them. `deployment` is for operators. Names sort by last name, in the order of code points. */
    list: {
      input: Type.Object({
        scope: Type.Enum(['team', 'deployment']),
        search: Type.Optional(Type.String({ maxLength: 200 })),
        status: Type.Optional(Type.Enum(['active', 'suspended', 'leaving'])),
        role: Type.Optional(Type.String({ maxLength: 64 })),
        sort: Type.Optional(Type.Enum(['name', 'email', 'createdAt'])),
        order: Type.Optional(Type.Enum(['asc', 'desc'])),
        ...page,
      }),
      output: pageOf(KernelPerson),
      idempotent: true,
    },
    /** Of the account (operators), or of the membership in the call's team. Sessions, keys and sockets end at once. `changed` is false when it was so before. */
    setStatus: { input: Type.Object({ userId: Id, of: Type.Enum(['account', 'membership']), status: Status, reason: Type.Optional(Nullable(Type.String({ maxLength: 500 }))), emit: Emit }), output: Type.Object({ changed: Flag }), idempotent: true },
    /** A session of the user for an operator: 15 minutes, marked by the claim `act`, no refresh token, no operator rights. The user is told by mail. */
    impersonate: {
      input: Type.Object({ userId: Id, reason: Type.String({ minLength: 1, maxLength: 500 }), teamId: Type.Optional(Nullable(Id)), emit: Emit }),
      output: Type.Object({ sessionId: Id, accessToken: Text, expiresIn: Type.Integer(), teamId: Nullable(Id) }),
    },
    /** Ends the session that asks, if it is one; for an operator all that act for the user. */
    endImpersonation: { input: Type.Object({ userId: Id, emit: Emit }), output: Type.Object({ ended: Type.Integer() }), idempotent: true },
    /** Newest first: all of it for oneself and for operators, else what was done in the call's team. `action` may end in `*`. */
    activity: { input: Type.Object({ userId: Id, action: Type.Optional(Type.String({ maxLength: 200 })), from: Type.Optional(Moment), to: Type.Optional(Moment), ...page }), output: pageOf(KernelActivity), idempotent: true },
    /** Needs the password, or a sign-in of the last ten minutes with a second factor: CONFIRMATION_REQUIRED, UNAUTHORIZED. ACCOUNT_OWNS_TEAMS names teams that need another owner first. */
    requestErasure: { input: Type.Object({ password: Type.Optional(Nullable(Type.String({ maxLength: 1024 }))), emit: Emit }), output: Type.Object({ eraseAt: Text }), idempotent: true },
    /** Takes it back. */
    restore: { input: Type.Object({ emit: Emit }), output: KernelProfile, idempotent: true },
    /** Erases accounts whose days of grace are over, and emits `event` with `{userId, emailSha256}` in every team that such a person was ever seen in. Anybody may ask: only what is due goes. */
    eraseDue: { input: Type.Object({ userId: Type.Optional(Nullable(Id)), limit: Type.Integer({ minimum: 1, maximum: 100 }), event: Type.String({ maxLength: 130 }) }), output: Type.Object({ erased: Type.Array(Id) }), idempotent: true },
    /** Everything the kernel holds of the principal, but for the audit log and without secrets. */
    personalData: { input: Type.Object({}), output: Type.Object({ data: Fields }), idempotent: true },
  },
});
