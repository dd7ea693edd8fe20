import { NotFound, type TransactionContext } from '@proofpix/sdk';
import type { collections } from '../collections.ts';
import type { Folder } from '../folder-schemas.ts';
import type { FilesContext } from '../kit.ts';

type Transaction = TransactionContext<typeof collections>;
type Reader = Pick<FilesContext['db'], 'folders'>;
export type StoredFolder = NonNullable<Awaited<ReturnType<FilesContext['db']['folders']['get']>>>;

/** From the top; the top itself is 0. */
export const maxDepth = 20;
/** Of one team. */
export const maxFolders = 10_000;
const batch = 1000;

/** The parent as a unique index compares it. */
export const parentKeyOf = (parentId: string | null): string => parentId ?? 'top';

/** Until the transaction ends nobody else makes, moves or deletes folders of this team: what it reads of them stays true. */
export async function lockTree(tx: Transaction): Promise<void> {
  await tx.db.trees.upsert({ name: 'folders' }, ['name']);
}

/** Finds the folder there until the transaction ends. @throws NOT_FOUND */
export async function claimFolder(tx: Transaction, folderId: string): Promise<void> {
  if ((await tx.db.folders.update({ id: folderId }, { entries: { $inc: 1 } })) === 0) throw NotFound({ message: 'There is no such folder.' });
}

/** From the top to the folder itself. @throws NOT_FOUND */
export async function pathOf(db: Reader, folderId: string): Promise<StoredFolder[]> {
  const path: StoredFolder[] = [];
  // without the lock a move may come between, and then the walk must still end
  for (let next: string | null = folderId; next !== null && path.length <= maxDepth; ) {
    const folder: StoredFolder | null = await db.folders.get(next);
    if (folder === null) throw NotFound({ message: 'There is no such folder.' });
    path.unshift(folder);
    next = folder.parentId;
  }
  return path;
}

/** Ids of a folder and all below, by depth: the folder alone first. */
export async function levelsOf(db: Reader, folderId: string): Promise<string[][]> {
  const levels = [[folderId]];
  for (let level: string[] = [folderId]; level.length > 0 && levels.length <= maxDepth; ) {
    const below: string[] = [];
    for (let at = 0; at < level.length; at += batch) {
      const where = { parentId: { $in: level.slice(at, at + batch) } };
      for (let cursor: string | null = null; ; ) {
        const { items, nextCursor }: { items: StoredFolder[]; nextCursor: string | null } = await db.folders.find({ where, limit: batch, cursor });
        below.push(...items.map(({ id }) => id));
        if (nextCursor === null) break;
        cursor = nextCursor;
      }
    }
    if (below.length > 0) levels.push(below);
    level = below;
  }
  return levels;
}

export function folderView({ id, name, parentId, createdAt, updatedAt }: StoredFolder): Folder {
  return { id, name, parentId, createdAt, updatedAt };
}
