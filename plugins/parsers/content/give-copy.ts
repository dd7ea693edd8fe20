import type { ParsersContext } from '../kit.ts';

/** As long as the caller may keep the copy. */
const handleSeconds = 3600;

/** Hands a new file to the caller; what is not kept within the hour is deleted. */
export async function giveCopy(ctx: ParsersContext, content: Uint8Array, mimeType: string): Promise<{ file: string; mimeType: string; sizeBytes: number }> {
  const { id, sizeBytes } = await ctx.files.write(content, { mimeType });
  await ctx.jobs.send('drop-copy', { fileId: id }, { startAfter: handleSeconds + 300 });
  return { file: await ctx.files.share(id, { ttlSeconds: handleSeconds }), mimeType, sizeBytes };
}
