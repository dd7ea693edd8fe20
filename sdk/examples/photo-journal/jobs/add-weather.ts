import { Type, Unavailable } from '@proofpix/sdk';
import { job } from '../kit.ts';

/** What an entry says while nobody has set up a weather service. */
export const notAsked = 'not asked: the weather service has no key yet';

/** Asks a weather service what it was like there and then. */
export const addWeather = job('add-weather', {
  schema: Type.Object({ entryId: Type.String() }, { additionalProperties: false }),
  retryLimit: 5,
  retryDelaySeconds: 30,
  timeoutMs: 20_000,
  async handler(ctx, { data }) {
    const entry = await ctx.db.entries.get(data.entryId);
    if (entry === null || entry.latitude === undefined || entry.longitude === undefined || entry.weather !== undefined) return;
    if (!(await ctx.secrets.has('weatherKey'))) {
      await ctx.db.entries.update(entry.id, { weather: notAsked });
      return;
    }
    const date = (entry.takenAt ?? entry.createdAt).slice(0, 10);
    const address = `${ctx.config.weatherUrl}?latitude=${entry.latitude}&longitude=${entry.longitude}&date=${encodeURIComponent(date)}`;
    const response = await ctx.fetch(address, { headers: { authorization: 'Bearer {{secret:weatherKey}}' }, timeoutMs: 10_000, maxBytes: 16_384 });
    if (response.status !== 200) throw Unavailable({ message: `The weather service answered ${response.status}.` });
    const { summary } = (await response.json()) as { summary?: unknown };
    if (typeof summary !== 'string' || summary === '') return;
    await ctx.db.entries.update(entry.id, { weather: summary.slice(0, 200) });
    ctx.log.info('weather added', { entryId: entry.id });
  },
});
