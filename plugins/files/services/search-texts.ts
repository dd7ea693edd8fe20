import { type Filter, ValidationError } from '@proofpix/sdk';
import type { FilesContext } from '../kit.ts';
import type { StoredDocument } from './find-document.ts';

/** Documents looked at in one step, and steps of one request: what is left waits for the next page. */
const batch = 500;
const maxSteps = 20;

export interface FoundDocument {
  document: StoredDocument;
  /** The first page that has what was sought. */
  page: number;
}

/** A document's id as text that sorts the other way round. */
export function newestFirst(documentId: string): string {
  return [...documentId.toLowerCase().replaceAll('-', '')].map((digit) => (15 - Number.parseInt(digit, 16)).toString(16)).join('');
}

function uuidOf(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const cursorOf = (order: 'asc' | 'desc', documentId: string): string => `${order}.${documentId.replaceAll('-', '')}`;

function afterCursor(order: 'asc' | 'desc', cursor: string): string {
  const [, given, hex] = /^(asc|desc)\.([0-9a-f]{32})$/.exec(cursor) ?? [];
  if (given !== order || hex === undefined) throw ValidationError({ message: 'cursor: is not one of this search', details: { field: 'query.cursor', issue: 'is not one of this search' } });
  return uuidOf(hex);
}

/**
 * Documents with a page that matches, by the time of their upload, and that `where` lets through. A page of the answer
 * may be short, also empty, and still have a next one, where very many texts match and few of their documents do.
 *
 * @throws VALIDATION_ERROR for a foreign cursor
 */
export async function searchTexts(ctx: FilesContext, text: string, where: Filter<StoredDocument>, { order, limit, cursor }: { order: 'asc' | 'desc'; limit: number; cursor: string | undefined }): Promise<{ items: FoundDocument[]; nextCursor: string | null }> {
  const items: FoundDocument[] = [];
  let after = cursor === undefined ? null : afterCursor(order, cursor);
  for (let step = 0; step < maxSteps; step += 1) {
    const rest = after === null ? {} : order === 'asc' ? { documentId: { $gt: after } } : { newestFirst: { $gt: newestFirst(after) } };
    const groups = (await ctx.db.texts.aggregate({ where: { content: { $search: text }, ...rest }, groupBy: order === 'asc' ? ['documentId'] : ['newestFirst', 'documentId'], min: ['page'], limit: batch })) as { documentId: string; min_page: number }[];
    const pages = new Map(groups.map(({ documentId, min_page: page }) => [documentId, page]));
    const { items: documents } = pages.size === 0 ? { items: [] } : await ctx.db.documents.find({ where: { $and: [where, { id: { $in: [...pages.keys()] } }] }, orderBy: [['id', order]], limit: batch });
    for (const document of documents) {
      if (items.length === limit) return { items, nextCursor: cursorOf(order, (items.at(-1) as FoundDocument).document.id) };
      items.push({ document, page: pages.get(document.id) ?? 1 });
    }
    if (groups.length < batch) return { items, nextCursor: null };
    after = (groups.at(-1) as { documentId: string }).documentId;
  }
  return { items, nextCursor: after === null ? null : cursorOf(order, after) };
}
