import { type Filter, ValidationError } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { DocumentPage, ListQuery } from '../schemas.ts';
import { escapeLike, nameKeyOf } from '../services/file-name.ts';
import { documentView, type StoredDocument } from '../services/find-document.ts';
import { searchTexts } from '../services/search-texts.ts';

const fieldOf = { createdAt: 'createdAt', name: 'nameKey', sizeBytes: 'sizeBytes' } as const;

function filterOf({ name, namePrefix, sha256, mimeType, from, to, tag, folder, ownerId, status, trash = false }: ListQuery): Filter<StoredDocument> {
  const all: Filter<StoredDocument>[] = [{ trashedAt: { $exists: trash } }];
  if (name !== undefined) all.push({ nameKey: { $like: `%${escapeLike(nameKeyOf(name))}%` } });
  if (namePrefix !== undefined) all.push({ nameKey: { $like: `${escapeLike(nameKeyOf(namePrefix))}%` } });
  if (sha256 !== undefined) all.push({ sha256 });
  if (mimeType !== undefined) {
    const wanted = mimeType.toLowerCase();
    all.push({ mimeType: wanted.endsWith('/*') ? { $like: `${escapeLike(wanted.slice(0, -1))}%` } : wanted });
  }
  if (from !== undefined) all.push({ createdAt: { $gte: from } });
  if (to !== undefined) all.push({ createdAt: { $lt: to } });
  if (tag !== undefined) all.push({ tags: { $contains: [tag] } });
  if (folder !== undefined) all.push({ folderId: folder === 'top' ? null : folder });
  if (ownerId !== undefined) all.push({ ownerId });
  if (status !== undefined) all.push({ status });
  return { $and: all };
}

export const list = route({
  name: 'list',
  method: 'GET',
  path: '/api/files',
  access: 'tenant',
  permission: 'files:read',
  summary: 'The team’s files, or with trash=true what was deleted: search, filters, order and cursor',
  query: ListQuery,
  response: DocumentPage,
  async handler(ctx, { query }) {
    const { sort = 'createdAt', order = 'desc', limit = 50, cursor } = query;
    if (query.text !== undefined) {
      if (sort !== 'createdAt') throw ValidationError({ message: 'What is found by its text comes in the order of time.', details: { field: 'query.sort', issue: 'must be createdAt with text' } });
      const found = await searchTexts(ctx, query.text, filterOf(query), { order, limit, cursor });
      return { items: found.items.map(({ document, page }) => ({ ...documentView(document), match: { page } })), nextCursor: found.nextCursor };
    }
    const { items, nextCursor } = await ctx.db.documents.find({ where: filterOf(query), orderBy: [[fieldOf[sort], order]], limit, ...(cursor === undefined ? {} : { cursor }) });
    return { items: items.map(documentView), nextCursor };
  },
});
