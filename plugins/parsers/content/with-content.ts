import { FileTooLarge } from '../errors.ts';
import type { ParsersContext } from '../kit.ts';
import { createByteBudget } from './byte-budget.ts';
import { readContent } from './read-content.ts';

/** What all calls of a process together hold of files in memory; further ones wait their turn. */
const budget = createByteBudget({ totalBytes: 268_435_456, maxWaiting: 256, waitMs: 60_000 });

/**
 * Runs `work` with the whole content of a file in a buffer of its own, which may move to a thread.
 *
 * @throws NOT_FOUND, UNAVAILABLE (too many wait), FILE_TOO_LARGE when it has more than `maxBytes`
 */
export async function withContent<T>(ctx: ParsersContext, file: string, maxBytes: number, work: (content: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T> {
  const { sizeBytes } = await ctx.files.stat(file);
  if (sizeBytes > maxBytes) throw FileTooLarge({ details: { maxBytes } });
  return await budget.hold(sizeBytes, async () => await work(await readContent(ctx.files.read(file), sizeBytes)));
}
