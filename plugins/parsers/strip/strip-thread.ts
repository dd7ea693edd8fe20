import { serveThread } from '../lanes/serve-thread.ts';
import { ParseProblem } from '../text/parse-problem.ts';
import type { StripAnswer, StripRequest } from './messages.ts';
import { stripPackage } from './strip-package.ts';

serveThread<StripRequest, StripAnswer>(
  async ({ kind, content }) => {
    try {
      // The library for PDFs is loaded with the first of them.
      const made = kind === 'zip' ? stripPackage(content) : await (await import('./strip-pdf.ts')).stripPdf(content);
      return { ok: true, content: Uint8Array.from(made.content), removed: made.removed };
    } catch (error) {
      if (error instanceof ParseProblem) return { ok: false, status: error.status, message: error.message };
      throw error;
    }
  },
  (answer) => (answer.ok ? [answer.content.buffer] : []),
);
