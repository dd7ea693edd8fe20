import { isError, NotFound } from '@proofpix/sdk';
import { FolderCycle, FolderExists, FolderTooDeep, TooManyFolders } from '../errors.ts';
import type { FilesContext } from '../kit.ts';
import { nameKeyOf } from './file-name.ts';
import { levelsOf, lockTree, maxDepth, maxFolders, parentKeyOf, pathOf, type StoredFolder } from './folder-tree.ts';

const tooDeep = () => FolderTooDeep({ details: { maxDepth } });

/** Another folder of that name in that place breaks the unique index. */
async function named<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    throw isError(error, 'CONFLICT') ? FolderExists() : error;
  }
}

/** @throws NOT_FOUND (the parent), FOLDER_EXISTS, FOLDER_TOO_DEEP, TOO_MANY_FOLDERS */
export function createFolder(ctx: FilesContext, name: string, parentId: string | null): Promise<StoredFolder> {
  const insert = ctx.db.transaction(async (tx) => {
    await lockTree(tx);
    if (parentId !== null && (await pathOf(tx.db, parentId)).length >= maxDepth) throw tooDeep();
    if ((await tx.db.folders.count({})) >= maxFolders) throw TooManyFolders({ details: { maxFolders } });
    return tx.db.folders.insert({ name, nameKey: nameKeyOf(name), parentId, parentKey: parentKeyOf(parentId), entries: 0 });
  });
  return named(insert);
}

/**
 * Renames a folder, moves it, or both. With the tree locked, two moves at once cannot put each folder below the other.
 *
 * @throws NOT_FOUND (the folder, or where it is to go), FOLDER_EXISTS, FOLDER_CYCLE, FOLDER_TOO_DEEP
 */
export function changeFolder(ctx: FilesContext, id: string, { name, parentId }: { name?: string | undefined; parentId?: string | null | undefined }): Promise<StoredFolder> {
  const update = ctx.db.transaction(async (tx) => {
    await lockTree(tx);
    if (parentId != null) {
      const [path, levels] = [await pathOf(tx.db, parentId), await levelsOf(tx.db, id)];
      if (path.some((folder) => folder.id === id)) throw FolderCycle();
      if (path.length + levels.length > maxDepth) throw tooDeep();
    }
    const change = { ...(name === undefined ? {} : { name, nameKey: nameKeyOf(name) }), ...(parentId === undefined ? {} : { parentId, parentKey: parentKeyOf(parentId) }) };
    const folder = await tx.db.folders.update(id, change);
    if (folder === null) throw NotFound({ message: 'There is no such folder.' });
    return folder;
  });
  return named(update);
}
