import { imagesSquares } from '../contract.ts';
import { provide } from '../kit.ts';
import { squareBounds, squaresOf } from './decode.ts';
import { withPicture } from './read-picture.ts';

export const squares = provide(imagesSquares, {
  make: (ctx, { file, sizes }) =>
    withPicture(ctx, file, squareBounds.maxBytes, async (content) => {
      const made = await squaresOf(content, sizes);
      return { images: made.map((image, at) => ({ size: sizes[at] ?? 0, base64: image.toString('base64') })) };
    }),
});
