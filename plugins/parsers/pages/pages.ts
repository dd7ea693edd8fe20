import { isError } from '@proofpix/sdk';
import { withContent } from '../content/with-content.ts';
import { parsersPages } from '../contract.ts';
import { FileTooLarge, LaneFailed, PageNotRendered } from '../errors.ts';
import { provide } from '../kit.ts';
import { maxPdfBytes, pageLane } from './page-lane.ts';

export const pages = provide(parsersPages, {
  async render(ctx, { file, page, maxEdge }) {
    try {
      const answer = await withContent(ctx, file, maxPdfBytes, (content) => pageLane.ask({ kind: 'render', content, page, maxEdge }, ctx.deadline - ctx.clock.now() - 1000));
      if (answer.kind !== 'page') throw PageNotRendered({ message: answer.kind === 'problem' ? answer.message : 'The page cannot be shown.' });
      return { base64: Buffer.from(answer.png).toString('base64'), width: answer.width, height: answer.height, pageCount: answer.pageCount };
    } catch (error) {
      if (isError(error, LaneFailed.code)) throw PageNotRendered({ message: 'The page takes too much time or memory to show.', cause: error });
      if (isError(error, FileTooLarge.code)) throw PageNotRendered({ message: 'The file is too large.', cause: error });
      throw error;
    }
  },
});
