import { DeadlineExceeded, NotFound } from '@proofpix/sdk';
import { FolderNotEmpty } from '../errors.ts';
import type { FilesContext } from '../kit.ts';
import { deleteDocument } from './delete-document.ts';
import { requireOwn } from './find-document.ts';
import { levelsOf, lockTree } from './folder-tree.ts';
import { trashDocument } from './trash-document.ts';

const batch = 1000;
/** Left for the reply. */
const reserveMs = 12_000;

const slices = (ids: readonly string[]): string[][] => Array.from({ length: Math.ceil(ids.length / batch) }, (_, at) => ids.slice(at * batch, (at + 1) * batch));

/**
 * Puts every file of these folders into the trash, as deleting them one by one would.
 *
 * @throws FORBIDDEN at the first file of somebody else, DEADLINE_EXCEEDED; what was done until then stays done
 */
async function clear(ctx: FilesContext, folderIds: readonly string[]): Promise<void> {
  for (const ids of slices(folderIds)) {
    for (;;) {
      const { items } = await ctx.db.documents.find({ where: { folderId: { $in: ids }, trashedAt: null }, limit: 100 });
      if (items.length === 0) break;
      for (const document of items) {
        if (ctx.deadline - ctx.clock.now() < reserveMs) throw DeadlineExceeded({ message: 'There was no time for all files of the folder. Ask again.' });
        await requireOwn(ctx, document);
        if (ctx.config.trashDays === 0) await deleteDocument(ctx, document);
        else await trashDocument(ctx, document);
      }
    }
  }
}

/** Deletes a folder if nothing lies in it any more; false when something came in meanwhile. Whoever puts a file in waits, and then finds no folder. */
async function dropEmpty(ctx: FilesContext, folderIds: readonly string[]): Promise<boolean> {
  try {
    await ctx.db.transaction(async (tx) => {
      await lockTree(tx);
      for (const ids of slices(folderIds)) {
        await tx.db.folders.delete({ id: { $in: ids } });
        const left = (await tx.db.documents.count({ folderId: { $in: ids }, trashedAt: null })) + (await tx.db.folders.count({ parentId: { $in: ids }, id: { $nin: ids } }));
        if (left > 0) throw FolderNotEmpty();
      }
    });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'FOLDER_NOT_EMPTY') return false;
    throw error;
  }
}

/**
 * @param recursive also what lies in it: folders are gone for good, files lie in the trash
 * @throws NOT_FOUND, FOLDER_NOT_EMPTY, FORBIDDEN (somebody else's file)
 */
export async function deleteFolder(ctx: FilesContext, id: string, recursive: boolean): Promise<void> {
  if ((await ctx.db.folders.get(id)) === null) throw NotFound({ message: 'There is no such folder.' });
  for (let tries = 0; tries < 3; tries += 1) {
    // the deepest first, so that what is left after a failure still hangs together
    const ids = recursive ? (await levelsOf(ctx.db, id)).toReversed().flat() : [id];
    if (recursive) await clear(ctx, ids);
    if (await dropEmpty(ctx, ids)) return;
    if (!recursive) break;
  }
  throw FolderNotEmpty();
}
