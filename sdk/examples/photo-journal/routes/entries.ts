import { NotFound, reply, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { type BeforeEntry, Entry, EntryPage, EntryParams, NewEntry, PageQuery } from '../schemas.ts';
import { addEntry } from '../services/add-entry.ts';

export const list = route({
  name: 'entries.list',
  method: 'GET',
  path: '/entries',
  access: 'tenant',
  permission: 'photo-journal:read',
  summary: 'The journal, newest first',
  query: PageQuery,
  response: EntryPage,
  handler: (ctx, { query }) => ctx.db.entries.find({ orderBy: [['createdAt', 'desc']], limit: query.limit ?? 20, cursor: query.cursor ?? null }),
});

export const get = route({
  name: 'entries.get',
  method: 'GET',
  path: '/entries/:id',
  access: 'tenant',
  permission: 'photo-journal:read',
  summary: 'One entry',
  params: EntryParams,
  response: Entry,
  async handler(ctx, { params }) {
    const entry = await ctx.db.entries.get(params.id);
    if (entry === null) throw NotFound({ message: 'There is no such entry.' });
    return entry;
  },
});

export const create = route({
  name: 'entries.create',
  method: 'POST',
  path: '/entries',
  access: 'tenant',
  permission: 'photo-journal:write',
  summary: 'Write an entry',
  body: { json: NewEntry, maxBytes: 65_536 },
  status: 201,
  response: Entry,
  async handler(ctx, { body }) {
    const { title, note, words } = await ctx.hooks.run<BeforeEntry>('photo-journal.before-entry', { title: body.title, note: body.note ?? '', words: null });
    return addEntry(ctx, { title, note, ...(words === null ? {} : { words }) });
  },
});

export const remove = route({
  name: 'entries.delete',
  method: 'DELETE',
  path: '/entries/:id',
  access: 'tenant',
  permission: 'photo-journal:write',
  summary: 'Delete an entry',
  params: EntryParams,
  async handler(ctx, { params }) {
    if (!(await ctx.db.entries.delete(params.id))) throw NotFound({ message: 'There is no such entry.' });
    await ctx.auth.audit({ action: 'entry-deleted', target: params.id });
    return reply({ status: 204 });
  },
});

export const stats = route({
  name: 'stats',
  method: 'GET',
  path: '/stats',
  access: 'tenant',
  permission: 'photo-journal:read',
  summary: 'How many entries there are, and how many there ever were',
  response: Type.Object({ entries: Type.Integer(), everAdded: Type.Integer() }),
  handler: async (ctx) => ({ entries: await ctx.db.entries.count(), everAdded: (await ctx.kv.get<number>('entries-added')) ?? 0 }),
});
