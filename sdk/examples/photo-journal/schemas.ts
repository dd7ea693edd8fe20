import { type Static, Type } from '@proofpix/sdk';
import { collections } from './collections.ts';

const closed = { additionalProperties: false };

export const EntryParams = Type.Object({ id: Type.String({ maxLength: 64 }) }, closed);

export const NewEntry = Type.Object({ title: Type.String({ minLength: 1, maxLength: 200 }), note: Type.Optional(Type.String({ maxLength: 10_000 })) }, closed);

export const Entry = Type.Object({ id: Type.String(), ...collections.entries.schema.properties, createdAt: Type.String(), updatedAt: Type.String() }, closed);

export const EntryPage = Type.Object({ items: Type.Array(Entry), nextCursor: Type.Union([Type.String(), Type.Null()]) }, closed);

export const PageQuery = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })), cursor: Type.Optional(Type.String({ maxLength: 2000 })) }, closed);

/** Hook point `photo-journal.before-entry`: others may patch an entry that somebody wrote, or refuse it. */
export const BeforeEntry = Type.Object({ title: Type.String(), note: Type.String(), words: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]) }, closed);
export type BeforeEntry = Static<typeof BeforeEntry>;

/** Event `photo-journal.entry-added`. */
export const EntryAdded = Type.Object({ entryId: Type.String(), title: Type.String(), fileId: Type.Union([Type.String(), Type.Null()]), place: Type.Union([Type.String(), Type.Null()]) }, closed);
