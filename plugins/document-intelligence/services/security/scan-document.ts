import type { MetadataReport } from '@proofpix/plugin-parsers/contract';
import { isError } from '@proofpix/sdk';
import type { SecurityFinding, SecurityResult } from '../../contract.ts';
import { isMissingPlugin } from '../../errors.ts';
import type { IntelligenceContext } from '../../kit.ts';
import { findSecrets } from './find-secrets.ts';
import { metadataLeaks } from './metadata-leaks.ts';

const mostFindings = 500;
const order: readonly SecurityFinding['severity'][] = ['high', 'medium', 'low', 'info'];

/** What is scanned: a stored document, as a step or a route has it. */
export interface ScannedDocument {
  /** A handle that other plugins may read. */
  file: string;
  filename: string;
  mimeType: string;
  metadata: MetadataReport | null;
  pages: AsyncIterable<{ page: number; text: string }>;
}

/** Secrets in a page's text, one finding for each kind. */
export function secretFindings(text: string, page: number | null): SecurityFinding[] {
  const byCode = new Map<string, { title: string; severity: SecurityFinding['severity']; count: number }>();
  for (const { code, title, severity } of findSecrets(text)) {
    const known = byCode.get(code);
    if (known === undefined) byCode.set(code, { title, severity, count: 1 });
    else known.count += 1;
  }
  return [...byCode].map(([code, { title, severity, count }]) => ({ code, severity, message: `${title} stands in the text${count > 1 ? `, and ${count - 1} more` : ''}.`, where: page === null ? null : `page ${page}` }));
}

/** What the file carries that nobody sees; nothing when the plugin that can tell is off. */
async function structureFindings(ctx: IntelligenceContext, { file, filename, mimeType }: ScannedDocument): Promise<SecurityFinding[]> {
  try {
    const { status, findings } = await ctx.services.structure.inspect({ file, filename, mimeType });
    if (status === 'encrypted') return [...findings, { code: 'ENCRYPTED', severity: 'info', message: 'The file is encrypted: what is in it could not be looked at.', where: null }];
    return findings;
  } catch (error) {
    if (isMissingPlugin(error)) return [];
    throw error;
  }
}

/** The malware scanner's verdict; null when there is none. A scanner that does not answer is told as such, so that the rest stands. */
async function malwareVerdict(ctx: IntelligenceContext, file: string): Promise<SecurityResult['malware']> {
  try {
    return await ctx.services.malware.scan({ file });
  } catch (error) {
    if (isMissingPlugin(error)) return null;
    if (isError(error, 'SCANNER_UNAVAILABLE') || isError(error, 'UNAVAILABLE')) return { verdict: 'not-scanned', signature: null, reason: 'SCANNER_UNAVAILABLE', engine: null };
    throw error;
  }
}

/** The worst first; of the same code and place one. */
export function inOrder(findings: readonly SecurityFinding[]): SecurityFinding[] {
  const distinct = new Map(findings.map((finding) => [`${finding.code} ${finding.where ?? ''}`, finding]));
  // a parser may tell the same of the metadata as the metadata do, with another place
  const codes = new Set<string>();
  const onceEach = new Set(['LOCATION', 'AUTHOR', 'DEVICE_IDENTIFIER']);
  const kept = [...distinct.values()].filter(({ code }) => !onceEach.has(code) || (!codes.has(code) && codes.add(code)));
  return kept.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)).slice(0, mostFindings);
}

/**
 * Secrets in the text, leaks in the metadata, what the format hides, and malware. Finds nothing of what a plugin that
 * is off would have told.
 *
 * @throws what the parsers throw: UNAVAILABLE, DEADLINE_EXCEEDED
 */
export async function scanDocument(ctx: IntelligenceContext, document: ScannedDocument): Promise<SecurityResult> {
  const [structure, malware] = await Promise.all([structureFindings(ctx, document), malwareVerdict(ctx, document.file)]);
  const findings = [...structure, ...(document.metadata === null ? [] : metadataLeaks(document.metadata))];
  for await (const { page, text } of document.pages) if (findings.length < mostFindings) findings.push(...secretFindings(text, page));
  if (malware?.verdict === 'infected') findings.push({ code: 'MALWARE', severity: 'high', message: 'The malware scanner recognises the file.', where: malware.signature });
  return { findings: inOrder(findings), malware };
}
