import { Conflict, ValidationError } from '@proofpix/sdk';
import type { SettingsUpdated, SettingValues } from '../contract.ts';
import type { TeamsContext } from '../kit.ts';
import type { Settings, SettingsPatch } from '../schemas.ts';

export const defaults: SettingValues = { description: '', timeZone: 'Etc/UTC', locale: 'en', defaultRole: 'member', allowedEmailDomains: [] };

const key = 'settings';

export async function settingValues(ctx: Pick<TeamsContext, 'db'>): Promise<SettingValues> {
  return { ...defaults, ...(await ctx.db.settings.findOne({ key }))?.values };
}

/** Name and settings; the name is the kernel's. */
export async function settingsOf(ctx: TeamsContext): Promise<Settings> {
  const [team, values] = [await ctx.services.teams.get({}), await settingValues(ctx)];
  return { teamId: team.id, name: team.name, ...values };
}

/** @throws VALIDATION_ERROR unless the time zone is one of the tz database */
function requireTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw ValidationError({ message: 'There is no such time zone.', details: { field: 'body.timeZone', issue: 'must be an IANA time zone' } });
  }
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/**
 * Stores what a patch changes and tells of it; what is as it was is neither stored nor told.
 *
 * @throws VALIDATION_ERROR, CONFLICT when somebody else changes settings at the same moment
 */
export async function updateSettings(ctx: TeamsContext, { name, ...patch }: SettingsPatch): Promise<void> {
  const teamId = ctx.auth.tenantId;
  const told = (changed: string[]): SettingsUpdated => ({ teamId, changed });
  if (patch.timeZone !== undefined) requireTimeZone(patch.timeZone);
  if (name !== undefined) await ctx.services.teams.rename({ name, emit: [{ name: 'teams.settings-updated', payload: told(['name']) }] });
  const changed = await ctx.db.transaction(async (tx) => {
    const stored = await tx.db.settings.findOne({ key });
    const before: SettingValues = { ...defaults, ...stored?.values };
    const names = (Object.keys(patch) as (keyof typeof patch)[]).filter((one) => differs(patch[one], before[one])).toSorted();
    if (names.length === 0) return [];
    const values = { ...stored?.values, ...patch };
    if (stored === null) await tx.db.settings.insert({ key, revision: 1, values });
    else if ((await tx.db.settings.update({ key, revision: stored.revision }, { values, revision: { $inc: 1 } })) === 0) throw Conflict({ message: 'The settings were changed in the meantime.' });
    await tx.events.emit('teams.settings-updated', told(names));
    return names;
  });
  if (changed.length > 0) await ctx.auth.audit({ action: 'settings-updated', target: teamId, details: { changed } });
}
