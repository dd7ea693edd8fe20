import { Conflict, NotFound, reply, Type, ValidationError, type Static, type Stored } from '@proofpix/sdk';
import type { collections } from '../collections.ts';
import { FoundEntity } from '../contract.ts';
import { route } from '../kit.ts';
import { entityTypes } from '../services/entities/span.ts';
import { applyRecogniser, mostRecognisers } from '../services/recognisers/apply.ts';
import { compilePattern } from '../services/recognisers/compile-pattern.ts';
import { NewRecogniser, Recogniser, RecogniserChange, RecogniserParams, RecogniserTrial } from '../services/recognisers/recogniser-schemas.ts';

const path = '/api/document-intelligence/recognisers';
const common = { access: 'tenant', permission: 'document-intelligence:recognisers' } as const;
const defaultScore = 0.6;

type StoredRecogniser = Stored<Static<(typeof collections)['recognisers']['schema']>>;

function view({ createdBy: _createdBy, ...recogniser }: StoredRecogniser): Static<typeof Recogniser> {
  return recogniser;
}

export const listRecognisers = route({
  ...common,
  name: 'listRecognisers',
  method: 'GET',
  path,
  permission: 'document-intelligence:read',
  summary: 'Recognisers of the tenant; there are at most fifty',
  response: Type.Object({ items: Type.Array(Recogniser), nextCursor: Type.Null() }),
  async handler(ctx) {
    const { items } = await ctx.db.recognisers.find({ orderBy: [['name', 'asc']], limit: mostRecognisers });
    return { items: items.map(view), nextCursor: null };
  },
});

export const createRecogniser = route({
  ...common,
  name: 'createRecogniser',
  method: 'POST',
  path,
  summary: 'Have another kind of entity recognised by a pattern, from the next text on',
  body: { json: NewRecogniser },
  status: 201,
  response: Recogniser,
  async handler(ctx, { body: { name, pattern, contextWords = [], check = null, score = defaultScore, enabled = true } }) {
    if ((entityTypes as readonly string[]).includes(name)) throw ValidationError({ message: `${name} is recognised already.`, details: { field: 'name', issue: 'is a built-in type' } });
    compilePattern(pattern);
    if ((await ctx.db.recognisers.count()) >= mostRecognisers) throw Conflict({ message: `There can be at most ${mostRecognisers} recognisers.`, details: { limit: mostRecognisers } });
    const made = await ctx.db.recognisers.insert({ name, pattern, contextWords, check, score, enabled, createdBy: ctx.auth.principal.userId });
    await ctx.auth.audit({ action: 'recogniser-created', target: made.id });
    return view(made);
  },
});

export const updateRecogniser = route({
  ...common,
  name: 'updateRecogniser',
  method: 'PATCH',
  path: `${path}/:id`,
  summary: 'Change a recogniser, or turn it off',
  params: RecogniserParams,
  body: { json: RecogniserChange },
  response: Recogniser,
  async handler(ctx, { params: { id }, body }) {
    if (body.pattern !== undefined) compilePattern(body.pattern);
    const changed = await ctx.db.recognisers.update(id, body);
    if (changed === null) throw NotFound();
    await ctx.auth.audit({ action: 'recogniser-changed', target: id });
    return view(changed);
  },
});

export const deleteRecogniser = route({
  ...common,
  name: 'deleteRecogniser',
  method: 'DELETE',
  path: `${path}/:id`,
  summary: 'Delete a recogniser; what it found stays with the documents',
  params: RecogniserParams,
  status: 204,
  async handler(ctx, { params: { id } }) {
    if (!(await ctx.db.recognisers.delete(id))) throw NotFound();
    await ctx.auth.audit({ action: 'recogniser-deleted', target: id });
    return reply({ status: 204 });
  },
});

export const testRecogniser = route({
  ...common,
  name: 'testRecogniser',
  method: 'POST',
  path: `${path}/test`,
  summary: 'Try a pattern on a text, without keeping either',
  body: { json: RecogniserTrial, maxBytes: 262_144 },
  secretReply: true,
  idempotent: true,
  response: Type.Object({ entities: Type.Array(FoundEntity) }),
  async handler(_ctx, { body: { text, pattern, contextWords = [], check = null, score = defaultScore } }) {
    return { entities: applyRecogniser({ name: 'trial', pattern, contextWords, check, score }, text) };
  },
});

export const recogniserRoutes = [listRecognisers, createRecogniser, updateRecogniser, deleteRecogniser, testRecogniser];
