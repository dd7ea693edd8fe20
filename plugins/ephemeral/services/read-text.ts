import type { EphemeralResults } from '../contract.ts';
import type { EphemeralContext } from '../kit.ts';
import type { Attempt } from './attempt.ts';

/** What the analysis takes at once; more is cut and said so. */
export const maxCharacters = 1_000_000;
/** Pages whose picture is read: each takes seconds. */
const maxOcrPages = 20;

export type Text = NonNullable<EphemeralResults['text']>;

/** Text of a file: its own, and that of pages which are only pictures. Null when it has none that can be read. */
export async function readText(ctx: EphemeralContext, file: string, facts: { mimeType: string; filename: string; ocr: 'auto' | 'off' }, attempt: Attempt): Promise<Text | null> {
  const { mimeType, filename } = facts;
  const isPicture = mimeType.startsWith('image/');
  const report = isPicture ? null : await attempt('text', () => ctx.services.text.read({ file, mimeType, filename, maxCharacters }));
  if (report === null && !isPicture) return null;
  const wanted = facts.ocr === 'off' ? [] : isPicture ? [1] : (report?.withoutText ?? []);
  const pages = new Map((report?.pages ?? []).map((page) => [page.page, page.text]));
  const ocrPages: number[] = [];
  for (const page of wanted.slice(0, maxOcrPages)) {
    const recognised = await attempt('ocr', () => ctx.services.recognition.read({ file, mimeType, page }));
    // what fails for one page fails for all of them
    if (recognised === null) break;
    ocrPages.push(page);
    pages.set(page, recognised.text);
  }
  if (isPicture && ocrPages.length === 0) return null;
  return {
    status: report?.status ?? 'ok',
    pages: [...pages].toSorted(([a], [b]) => a - b).map(([page, text]) => ({ page, text })),
    pageCount: report?.pageCount ?? 1,
    ocrPages,
    truncated: (report?.truncated ?? false) || wanted.length > maxOcrPages,
  };
}
