import { isError, NotFound, type Static } from '@proofpix/sdk';
import type { UsersContext } from '../kit.ts';
import type { Export } from '../schemas.ts';
import { selfOf } from './events.ts';

export type StoredExport = NonNullable<Awaited<ReturnType<UsersContext['db']['exports']['get']>>>;

/** How long an export can be fetched. */
export const exportDays = 7;

/** @throws NOT_FOUND also for somebody else's */
export async function findExport(ctx: UsersContext, id: string): Promise<StoredExport> {
  const found = await ctx.db.exports.findOne({ id, userId: selfOf(ctx) });
  if (found === null) throw NotFound({ message: 'There is no such export.' });
  return found;
}

export function exportView({ id, state, sizeBytes, error, createdAt, completedAt, expiresAt }: StoredExport): Static<typeof Export> {
  return { id, state, sizeBytes, downloadUrl: state === 'completed' ? `/api/users/account/export/${id}/download` : null, error, createdAt, completedAt, expiresAt };
}

/** The file first: a record without its file can be dropped again, a file without its record never. */
export async function dropExport(ctx: UsersContext, { id, fileId }: StoredExport): Promise<void> {
  if (fileId !== null) {
    try {
      await ctx.files.delete(fileId);
    } catch (error) {
      if (!isError(error, 'NOT_FOUND')) throw error;
    }
  }
  await ctx.db.exports.delete(id);
}
