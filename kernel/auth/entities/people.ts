import { defineEntity, p, systemTable } from '../../database/entity.ts';
import { createdAt, moment, text } from './columns.ts';

/** A person. Identities cross tenants, so only the system role sees them. */
export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  ...systemTable(),
  properties: {
    id: p.uuid().primary(),
    /** normalised; unique */
    email: text().unique(),
    emailVerifiedAt: moment().nullable(),
    firstName: text(),
    lastName: text(),
    /** `active` or `suspended` */
    status: text(),
    operator: p.boolean(),
    createdAt: createdAt(),
    lastLoginAt: moment().nullable(),
    /** the owner asked for the account's end: it is erased then, unless they change their mind before */
    eraseAt: moment().nullable(),
    /** what a person may say of themselves beside the name; all of it optional */
    profile: p.json<Record<string, string>>().defaultRaw(`'{}'`),
    /** of the person, whatever team they act in; the users plugin knows its schema */
    preferences: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
  },
  indexes: [
    { name: 'users_by_erase_at', properties: ['eraseAt'] },
    { name: 'users_by_created', properties: ['createdAt', 'id'] },
    // in the order of code points: beginnings of words and pages of a list both find their place in it
    { name: 'users_by_email_text', expression: 'create index "users_by_email_text" on "kernel"."users" ("email" collate "C")' },
    { name: 'users_by_first_name', expression: 'create index "users_by_first_name" on "kernel"."users" (lower("first_name") collate "C")' },
    { name: 'users_by_last_name', expression: 'create index "users_by_last_name" on "kernel"."users" (lower("last_name") collate "C", lower("first_name") collate "C", "id")' },
  ],
});

/** A user's picture as squares of WebP, made by whoever decoded the original, which is not kept. */
export const Avatar = defineEntity({
  name: 'Avatar',
  tableName: 'avatars',
  ...systemTable(),
  properties: {
    userId: p.uuid().primary(),
    /** edge in pixels */
    size: p.integer().primary(),
    content: p.blob(),
    /** lower-case hex SHA-256 of the content */
    sha256: text(),
    updatedAt: createdAt(),
  },
});
