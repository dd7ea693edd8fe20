import type { ReportWriter } from '../report-writer.ts';

/** Those of the pages that draw something: a scan, lines, or text without characters. An empty page draws nothing. */
export async function showsSomething(content: Uint8Array, pages: readonly number[], writer: ReportWriter): Promise<number[]> {
  const { openForRendering } = await import('../../pages/pdfium.ts');
  const document = await openForRendering(content).catch(() => null);
  // What cannot be told is looked at by whoever reads pictures.
  if (document === null || document === 'encrypted') return [...pages];
  try {
    return pages.filter((page) => writer.inTime() === false || document.withPage(page, ({ objects }) => objects > 0) === true);
  } catch {
    return [...pages];
  } finally {
    document.close();
  }
}
