import type { FilesContext } from '../kit.ts';
import { deleteDocument } from './delete-document.ts';
import { dropResumable } from './resumables.ts';

const batch = 100;

/** Deletes one owner's documents, and uploads under way. Where it breaks off, the next try goes on. */
export async function deleteAllOf(ctx: FilesContext, where: { ownerId?: string }): Promise<void> {
  for (;;) {
    const { items } = await ctx.db.documents.find({ where, limit: batch });
    for (const document of items) await deleteDocument(ctx, document);
    if (items.length < batch) break;
  }
  for (;;) {
    const { items } = await ctx.db.resumables.find({ where, limit: batch });
    for (const { id } of items) await dropResumable(ctx, id);
    if (items.length < batch) return;
  }
}

/** Deletes all that the team has here. */
export async function deleteAll(ctx: FilesContext): Promise<void> {
  await deleteAllOf(ctx, {});
  await ctx.db.folders.delete({});
  await ctx.db.trees.delete({});
}
