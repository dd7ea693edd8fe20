import { Type, type Static } from '@proofpix/sdk';

/** What other plugins may use of `users`. */

const closed = { additionalProperties: false };
const Id = Type.String({ format: 'uuid' });

/**
 * `users.erased`: a person's account is gone, and this team has seen them. Emitted in every such team,
 * also in one that ends with them. Whoever keeps something of theirs erases it now; with `teamGone`
 * everything in the team. `emailSha256` (lower-case hex, of the normalised address) finds what was kept
 * under the address alone, such as an invitation. Handle it as often as it comes.
 */
export const UserErased = Type.Object({ userId: Id, emailSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }), teamGone: Type.Boolean() }, closed);
export type UserErased = Static<typeof UserErased>;

/** `users.profile-updated`: names of the fields, not their values. */
export const ProfileUpdated = Type.Object({ userId: Id, fields: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 20 }) }, closed);
/** `users.avatar-updated`, also when it was taken away. */
export const AvatarUpdated = Type.Object({ userId: Id }, closed);
/** `users.status-changed`: of the account everywhere, or of the membership in this team. */
export const StatusChanged = Type.Object({ userId: Id, of: Type.Enum(['account', 'membership']), status: Type.Enum(['active', 'suspended']), changedBy: Id }, closed);
/** `users.erasure-requested` and `users.erasure-withdrawn`. */
export const Leaving = Type.Object({ userId: Id }, closed);
/** `users.impersonation-started` and `users.impersonation-ended`, in the operator’s team. */
export const Impersonation = Type.Object({ userId: Id }, closed);

/**
 * One file of an export of personal data: a `path` of plain segments, and `json`, `text`, or `file`, a handle that
 * is shared for an hour at the least (`ctx.files.share`).
 */
export const ExportPart = Type.Object(
  { path: Type.String({ minLength: 1, maxLength: 300 }), json: Type.Optional(Type.Unknown()), text: Type.Optional(Type.String({ maxLength: 1_000_000 })), file: Type.Optional(Type.String({ maxLength: 1024 })) },
  closed,
);
export type ExportPart = Static<typeof ExportPart>;

/**
 * Hook point `users.export`: whoever holds something of the person appends it to `parts`, at most 100 parts a page.
 * The point runs with page 0, 1, … until nobody says `more`. A hook that fails stops the export, which is tried
 * again: nobody is to get half of their data and take it for all.
 */
export const ExportPage = Type.Object({ userId: Id, page: Type.Integer({ minimum: 0 }), parts: Type.Array(ExportPart, { maxItems: 1000 }), more: Type.Boolean() }, closed);
export type ExportPage = Static<typeof ExportPage>;
export const exportPoint = 'users.export';
/** Parts that one plugin adds to one page. */
export const partsPerPage = 100;
