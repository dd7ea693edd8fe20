import type { PageProblem, RenderedPage } from './messages.ts';
import { packPixels, pngOf } from './pack-pixels.ts';
import { openForRendering } from './pdfium.ts';

const problem = (kind: PageProblem['problem'], message: string): PageProblem => ({ kind: 'problem', problem: kind, message });

/** A page as people see it, with its notes and form fields; no larger than `maxEdge` pixels either way. */
export async function renderPage(content: Uint8Array, page: number, maxEdge: number): Promise<RenderedPage | PageProblem> {
  const document = await openForRendering(content);
  if (document === 'encrypted') return problem('encrypted', 'The PDF is protected by a password.');
  if (document === null) return problem('damaged', 'The file is no PDF, or is damaged.');
  try {
    const { pageCount } = document;
    if (page > pageCount) return problem('no-page', `The PDF has ${pageCount} pages.`);
    const shown = document.withPage(page, (open) => {
      if (!(open.width > 0 && open.height > 0)) return null;
      const scale = maxEdge / Math.max(open.width, open.height);
      const width = Math.max(1, Math.min(maxEdge, Math.round(open.width * scale)));
      const height = Math.max(1, Math.min(maxEdge, Math.round(open.height * scale)));
      return { rgba: open.render(width, height, true), width, height };
    });
    if (shown === null) return problem('damaged', 'The page is damaged.');
    return { kind: 'page', png: pngOf(packPixels(shown.rgba, shown.width, shown.height)), width: shown.width, height: shown.height, pageCount };
  } finally {
    document.close();
  }
}
