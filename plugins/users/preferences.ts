import { Type, ValidationError, type JsonObject, type Static, type TSchema } from '@proofpix/sdk';
import { nullable } from './schemas.ts';

const closed = { additionalProperties: false };

const notifications = {
  /** Mail about what happens in one’s teams. Mail about the safety of one’s account cannot be turned off. */
  email: Type.Boolean(),
  browser: Type.Boolean(),
  documentCompleted: Type.Boolean(),
  documentFailed: Type.Boolean(),
  teamChanges: Type.Boolean(),
  digest: Type.Enum(['never', 'daily', 'weekly']),
};
const fields = {
  /** A language tag (RFC 5646). */
  locale: Type.String({ minLength: 2, maxLength: 35, pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$' }),
  /** A name of the IANA time zone database. */
  timeZone: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$' }),
  theme: Type.Enum(['system', 'light', 'dark']),
  density: Type.Enum(['comfortable', 'compact']),
  timeFormat: Type.Enum(['locale', '12h', '24h']),
  firstDayOfWeek: Type.Enum(['locale', 'monday', 'saturday', 'sunday']),
  itemsPerPage: Type.Integer({ minimum: 10, maximum: 200 }),
  /** The team that a client opens first. */
  defaultTeamId: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
};

export const Preferences = Type.Object({ ...fields, notifications: Type.Object(notifications, closed) }, closed);
export type Preferences = Static<typeof Preferences>;

export const defaults: Preferences = {
  locale: 'en',
  timeZone: 'UTC',
  theme: 'system',
  density: 'comfortable',
  timeFormat: 'locale',
  firstDayOfWeek: 'locale',
  itemsPerPage: 50,
  defaultTeamId: null,
  notifications: { email: true, browser: true, documentCompleted: false, documentFailed: true, teamChanges: true, digest: 'never' },
};

const changeOf = <T extends Record<string, TSchema>>(properties: T) => Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(nullable(schema))]));

/** Any part of it; null goes back to the default. */
export const PreferencesChange = Type.Object({ ...changeOf(fields), notifications: Type.Optional(nullable(Type.Object(changeOf(notifications), closed))) }, { ...closed, minProperties: 1 });

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is stored laid over the defaults; what an older version left behind is passed over. */
function filled<T extends Record<string, unknown>>(base: T, stored: unknown): T {
  if (!isObject(stored)) return base;
  const merged = Object.entries(base).map(([name, value]) => {
    const own = Object.hasOwn(stored, name) ? stored[name] : undefined;
    if (isObject(value)) return [name, filled(value, own)];
    return [name, typeof own === typeof value || (value === null && typeof own === 'string') ? own : value];
  });
  return Object.fromEntries(merged) as T;
}

export const withDefaults = (stored: JsonObject): Preferences => filled(defaults, stored);

function isKnown(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/** @throws VALIDATION_ERROR for a language or time zone that does not exist */
export function requireKnownPlaces(change: object): void {
  const { locale, timeZone } = change as { locale?: unknown; timeZone?: unknown };
  const refuse = (field: string, issue: string): never => {
    throw ValidationError({ message: `${field} is not valid.`, details: { field: `body.${field}`, issue } });
  };
  if (typeof locale === 'string' && !isKnown(() => Intl.getCanonicalLocales(locale))) refuse('locale', 'must be a language tag');
  if (typeof timeZone === 'string' && !isKnown(() => new Intl.DateTimeFormat('en', { timeZone }))) refuse('timeZone', 'must be a time zone of the IANA database');
}
