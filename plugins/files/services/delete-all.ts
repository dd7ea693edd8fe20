import type { FilesContext } from '../kit.ts';
import { deleteDocument } from './delete-document.ts';

const batch = 100;

/** Deletes the team's documents, or those of one owner. Where it breaks off, the next try goes on. */
export async function deleteAll(ctx: FilesContext, where: { ownerId?: string }): Promise<void> {
  for (;;) {
    const { items } = await ctx.db.documents.find({ where, limit: batch });
    for (const document of items) await deleteDocument(ctx, document);
    if (items.length < batch) return;
  }
}
