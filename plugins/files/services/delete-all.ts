import type { FilesContext } from '../kit.ts';
import { deleteDocument } from './delete-document.ts';

const batch = 100;

/** Deletes one owner's documents. Where it breaks off, the next try goes on. */
export async function deleteAllOf(ctx: FilesContext, where: { ownerId?: string }): Promise<void> {
  for (;;) {
    const { items } = await ctx.db.documents.find({ where, limit: batch });
    for (const document of items) await deleteDocument(ctx, document);
    if (items.length < batch) return;
  }
}

/** Deletes all that the team has here. */
export async function deleteAll(ctx: FilesContext): Promise<void> {
  await deleteAllOf(ctx, {});
  await ctx.db.folders.delete({});
  await ctx.db.trees.delete({});
}
