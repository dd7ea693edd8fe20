import { Unavailable } from '@proofpix/sdk';
import { imagesSquares } from '../contract.ts';
import { ImageTooLarge } from '../errors.ts';
import { type ImagesContext, provide } from '../kit.ts';
import { maxBytes, squaresOf } from './decode.ts';

/** Pictures decoded at once on a node: each may take 160 MB for a moment. */
const maxAtOnce = 2;
const maxWaiting = 20;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= maxAtOnce) {
    if (waiting.length >= maxWaiting) throw Unavailable({ message: 'Too many pictures at once. Try again soon.', retryAfterSeconds: 5 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

async function contentOf(ctx: ImagesContext, file: string): Promise<Uint8Array> {
  const { sizeBytes } = await ctx.files.stat(file);
  if (sizeBytes > maxBytes) throw ImageTooLarge({ message: `A picture has at most ${maxBytes / 1_048_576} MiB.`, details: { limit: 'bytes' } });
  const chunks: Uint8Array[] = [];
  for await (const chunk of ctx.files.read(file)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const squares = provide(imagesSquares, {
  make: (ctx, { file, sizes }) =>
    inTurn(async () => {
      const made = await squaresOf(await contentOf(ctx, file), sizes);
      return { images: made.map((content, at) => ({ size: sizes[at] ?? 0, base64: content.toString('base64') })) };
    }),
});
