import type { EntityManager } from '@mikro-orm/postgresql';
import { NotFound, ValidationError, type Json, type JsonObject } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Auth } from '../contract.ts';
import { requireName } from '../person-name.ts';
import { type Actor, auditActor, personOf, selfOf } from './actor.ts';

/** What a person may say of themselves beside the name. */
export const profileFields = ['jobTitle', 'phone', 'bio'] as const;
export type ProfileField = (typeof profileFields)[number];

export interface Profile extends Record<ProfileField, string | null> {
  id: string;
  email: string;
  emailVerified: boolean;
  firstName: string;
  lastName: string;
  status: string;
  operator: boolean;
  /** lower-case hex SHA-256 of the largest picture; null without one */
  avatar: string | null;
  /** RFC 3339 */
  createdAt: string;
  lastLoginAt: string | null;
  /** when the account will be erased; null when nobody asked for it */
  eraseAt: string | null;
}

export type ProfileChange = Partial<Record<'firstName' | 'lastName', string> & Record<ProfileField, string | null>>;

/** Profiles and preferences: of a person, whatever team they act in. */
export interface Profiles {
  get(actor: Actor): Promise<Profile>;
  /** Null takes an optional field away. @throws VALIDATION_ERROR */
  update(actor: Actor, change: ProfileChange, write: (em: EntityManager) => Promise<void>): Promise<Profile>;
  preferences(actor: Actor): Promise<JsonObject>;
  /** JSON merge patch (RFC 7396). @throws VALIDATION_ERROR above 16 KiB */
  patchPreferences(actor: Actor, patch: JsonObject): Promise<JsonObject>;
}

const maxPreferencesBytes = 16_384;
const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const profileSql = `select u.id, u.email, u.email_verified_at is not null as "emailVerified", u.first_name as "firstName", u.last_name as "lastName",
  u.profile ->> 'jobTitle' as "jobTitle", u.profile ->> 'phone' as phone, u.profile ->> 'bio' as bio, u.status, u.operator,
  (select a.sha256 from kernel.avatars a where a.user_id = u.id order by a.size desc limit 1) as avatar,
  ${moment('u.created_at')} as "createdAt", ${moment('u.last_login_at')} as "lastLoginAt", ${moment('u.erase_at')} as "eraseAt"
  from kernel.users u where u.id = $1`;

export async function profileOf(em: EntityManager, userId: string): Promise<Profile> {
  const [row] = await statement<Profile>(em, profileSql, [userId]);
  if (row === undefined) throw NotFound();
  return row;
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396, section 2. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map<string, Json>(isObject(target) ? (Object.entries(target) as [string, Json][]) : []);
  for (const [name, value = null] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

export function profiles({ database, audit }: { database: Database; audit: Auth['audit'] }): Profiles {
  return {
    get: (actor) => database.system((em) => profileOf(em, selfOf(actor))),
    async update(actor, change, write) {
      const userId = personOf(actor);
      const firstName = change.firstName === undefined ? null : requireName(change.firstName, 'firstName');
      const lastName = change.lastName === undefined ? null : requireName(change.lastName, 'lastName');
      const given = profileFields.filter((field) => change[field] !== undefined);
      const set = Object.fromEntries(given.flatMap((field) => (change[field] == null ? [] : [[field, change[field]]])));
      const unset = given.filter((field) => change[field] === null);
      return database.system(async (em) => {
        await statement(em, 'update kernel.users set first_name = coalesce($2, first_name), last_name = coalesce($3, last_name), profile = (profile || $4::jsonb) - $5::text[] where id = $1', [userId, firstName, lastName, JSON.stringify(set), unset]);
        await audit({ tenantId: actor.tenantId, actor: auditActor(actor), action: 'users.profile-updated', target: userId, details: { fields: Object.keys(change) }, requestId: actor.requestId }, em);
        await write(em);
        return profileOf(em, userId);
      });
    },
    async preferences(actor) {
      const [row] = await database.system((em) => statement<{ preferences: JsonObject }>(em, 'select preferences from kernel.users where id = $1', [selfOf(actor)]));
      if (row === undefined) throw NotFound();
      return row.preferences;
    },
    patchPreferences: (actor, patch) =>
      database.system(async (em) => {
        const userId = personOf(actor);
        const [row] = await statement<{ preferences: JsonObject }>(em, 'select preferences from kernel.users where id = $1 for update', [userId]);
        if (row === undefined) throw NotFound();
        const merged = mergePatch(row.preferences, patch) as JsonObject;
        const text = JSON.stringify(merged);
        if (Buffer.byteLength(text) > maxPreferencesBytes) throw ValidationError({ message: 'These are too many preferences.', details: { field: 'body', issue: `must be at most ${maxPreferencesBytes} bytes` } });
        await statement(em, 'update kernel.users set preferences = $2::jsonb where id = $1', [userId, text]);
        return merged;
      }),
  };
}
