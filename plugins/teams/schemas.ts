import { Type, type Static } from '@proofpix/sdk';

export const closed = { additionalProperties: false };
export const Id = Type.String({ format: 'uuid' });
export const Time = Type.String({ format: 'date-time' });
export const TeamParams = Type.Object({ teamId: Type.String({ maxLength: 64 }) });
/** One line, 1 to 100 characters. */
export const Name = Type.String({ minLength: 1, maxLength: 100 });
/** `owner`, `admin`, `member`, `viewer` or a custom role's id. */
export const RoleName = Type.String({ minLength: 1, maxLength: 64 });
export const PageQuery = { limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }), cursor: Type.Optional(Type.String({ maxLength: 200 })) };
export const pageOf = <T extends Parameters<typeof Type.Array>[0]>(items: T) => Type.Object({ items: Type.Array(items), nextCursor: Type.Union([Type.String(), Type.Null()]) });

export const Team = Type.Object({ id: Id, name: Type.String(), createdAt: Time });
export type Team = Static<typeof Team>;
/** A team in the list of one of its members. */
export const OwnTeam = Type.Object({ id: Id, name: Type.String(), role: RoleName, joinedAt: Time });
export const Member = Type.Object({ id: Id, userId: Id, email: Type.String(), firstName: Type.String(), lastName: Type.String(), role: RoleName, suspended: Type.Boolean(), joinedAt: Time, grantedBy: Type.Union([Id, Type.Null()]), grantedAt: Time });
export type Member = Static<typeof Member>;
