import type { Static, Stored } from '@proofpix/sdk';
import type { collections } from '../collections.ts';
import type { Ctx } from '../kit.ts';

type EntryFields = Static<(typeof collections)['entries']['schema']>;

/** Stores an entry; its event and its job come to be with it or not at all. */
export async function addEntry(ctx: Ctx, fields: EntryFields): Promise<Stored<EntryFields>> {
  const entry = await ctx.db.transaction(async (tx) => {
    const added = await tx.db.entries.insert(fields);
    await tx.events.emit('photo-journal.entry-added', { entryId: added.id, title: added.title, fileId: added.fileId ?? null, place: added.place ?? null });
    if (added.latitude !== undefined && ctx.config.weatherUrl !== '') await tx.jobs.send('add-weather', { entryId: added.id });
    return added;
  });
  await ctx.kv.increment('entries-added');
  if (ctx.config.announce) await ctx.realtime.publish({ tenant: true }, 'journal:entry-added', { entryId: entry.id, title: entry.title });
  return entry;
}
