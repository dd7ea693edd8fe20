import { createHarness } from '@proofpix/sdk/testing';
import type { TextReport } from '../contract.ts';
import plugin from '../plugin.ts';

export const harness = createHarness(plugin);

export interface ReadOptions {
  mimeType?: string;
  filename?: string;
  firstPage?: number;
  maxPages?: number;
  maxCharacters?: number;
}

/** What `parsers.text` says of these bytes. */
export async function readText(content: Uint8Array | string, options: ReadOptions = {}): Promise<TextReport> {
  const { mimeType = 'application/octet-stream', ...rest } = options;
  const { handle } = await harness.shareFile(content, { mimeType });
  return (await harness.serve('parsers.text', 'read', { file: handle, mimeType, ...rest })) as unknown as TextReport;
}

/** The text of its only page. */
export async function onlyPage(content: Uint8Array | string, options: ReadOptions = {}): Promise<string> {
  const report = await readText(content, options);
  if (report.status !== 'ok' || report.pages.length !== 1) throw new Error(`${report.status}, ${report.pages.length} pages, ${JSON.stringify(report.warnings)}`);
  return report.pages[0]?.text ?? '';
}
