import { serveProcess } from '../lanes/serve-process.ts';
import type { PageAnswer, PageRequest } from './messages.ts';

serveProcess<PageRequest, PageAnswer>(async (request) =>
  request.kind === 'render' ? (await import('./render-page.ts')).renderPage(request.content, request.page, request.maxEdge) : (await import('../redact/redact-pdf.ts')).redactPdf(request),
);
