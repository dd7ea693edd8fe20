import type { ImagesContext } from '../kit.ts';
import { ImageTooLarge } from '../errors.ts';
import { createTurns } from './turns.ts';

/** What two ordinary pictures take is the most for a node; a large one has it alone. */
const turns = createTurns({ slots: 2, maxWaiting: 20 });
const largeBytes = 8_388_608;

/** Since the epoch on this machine, whose clock need not be the call's. */
const deadlineOf = (ctx: ImagesContext): number => Date.now() + ctx.deadline - ctx.clock.now();

const tooManyBytes = (maxBytes: number) => ImageTooLarge({ message: `A picture has at most ${maxBytes / 1_048_576} MiB.`, details: { limit: 'bytes' } });

/** Works on a picture's bytes when it is its turn. @throws NOT_FOUND (the handle), IMAGE_TOO_LARGE, UNAVAILABLE, DEADLINE_EXCEEDED */
export async function withPicture<T>(ctx: ImagesContext, file: string, maxBytes: number, work: (content: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T> {
  const { sizeBytes } = await ctx.files.stat(file);
  if (sizeBytes > maxBytes) throw tooManyBytes(maxBytes);
  return turns.take(sizeBytes > largeBytes ? 2 : 1, deadlineOf(ctx), async () => {
    const content = new Uint8Array(sizeBytes);
    let at = 0;
    for await (const chunk of ctx.files.read(file)) {
      content.set(chunk.subarray(0, sizeBytes - at), at);
      at += chunk.length;
    }
    return work(content.subarray(0, Math.min(at, sizeBytes)));
  });
}

/** The same of bytes that are here already. */
export function withBytes<T>(ctx: ImagesContext, content: Uint8Array<ArrayBuffer>, maxBytes: number, work: (content: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T> {
  if (content.length > maxBytes) throw tooManyBytes(maxBytes);
  return turns.take(content.length > largeBytes ? 2 : 1, deadlineOf(ctx), () => work(content));
}
