import { Type, type JsonObject } from '@proofpix/sdk';
import { route, type UsersContext } from '../kit.ts';
import { defaults, Preferences, PreferencesChange, requireKnownPlaces, withDefaults } from '../preferences.ts';
import { selfOf } from '../services/events.ts';

/** `id` is the user's: preferences are the person's, whatever team they act in. */
const Reply = Type.Object({ id: Type.String(), preferences: Preferences, defaults: Preferences });

const shown = (ctx: UsersContext, stored: Record<string, unknown>) => ({ id: selfOf(ctx), preferences: withDefaults(stored as JsonObject), defaults });

export const getPreferences = route({
  name: 'getPreferences',
  method: 'GET',
  path: '/api/users/preferences',
  access: 'user',
  summary: 'One’s own preferences, completed with the defaults',
  response: Reply,
  handler: async (ctx) => shown(ctx, (await ctx.services.users.getPreferences({})).preferences),
});

export const updatePreferences = route({
  name: 'updatePreferences',
  method: 'PUT',
  path: '/api/users/preferences/update',
  access: 'user',
  summary: 'Change some preferences; null goes back to the default',
  body: { json: PreferencesChange },
  response: Reply,
  async handler(ctx, { body }) {
    requireKnownPlaces(body);
    return shown(ctx, (await ctx.services.users.updatePreferences({ patch: body })).preferences);
  },
});
