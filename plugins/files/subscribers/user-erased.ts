import { subscriber, type FilesContext } from '../kit.ts';
import { deleteDocument } from '../services/delete-document.ts';

const batch = 100;

async function deleteAll(ctx: FilesContext, where: { ownerId?: string }): Promise<void> {
  for (;;) {
    const { items } = await ctx.db.documents.find({ where, limit: batch });
    for (const document of items) await deleteDocument(ctx, document);
    if (items.length < batch) return;
  }
}

/**
 * A person is gone, and what they uploaded goes with them; everything, where the team ends with them. A large number
 * takes several tries: each goes on where the last one ended.
 */
export const userErased = subscriber<{ userId: string; teamGone: boolean }>({
  name: 'user-erased',
  event: 'users.erased',
  retryLimit: 20,
  timeoutMs: 900_000,
  handler: (ctx, { payload: { userId, teamGone } }) => deleteAll(ctx, teamGone ? {} : { ownerId: userId }),
});
