import type { ScanState } from '../contract.ts';
import { FileQuarantined } from '../errors.ts';
import type { FilesContext } from '../kit.ts';
import type { Scan } from '../schemas.ts';

/** What a record holds of its content's scan. */
export interface ScanFields {
  scanState: ScanState;
  scannedAt: string | null;
  scanSignature: string | null;
  scanReason: string | null;
}

/** So long the word of a scanner on a content is good for copies of it. */
const verdictMs = 86_400_000;

const unscanned: ScanFields = { scanState: 'not-scanned', scannedAt: null, scanSignature: null, scanReason: 'NO_SCANNER' };
const waiting: ScanFields = { scanState: 'pending', scannedAt: null, scanSignature: null, scanReason: null };

/** States in which content may be had. */
export const released: ScanState[] = ['clean', 'not-scanned'];

/** How new contents with these hashes begin: locked, unless there is no scanner or this tenant's copy was found clean within a day. */
export async function firstScans(ctx: FilesContext, hashes: readonly string[]): Promise<(sha256: string) => ScanFields> {
  if (ctx.settings.scanUploads !== true) return () => unscanned;
  const where = { sha256: { $in: [...new Set(hashes)] }, scanState: 'clean' as const, scannedAt: { $gte: new Date(ctx.clock.now() - verdictMs).toISOString() } };
  const known = (await ctx.db.documents.aggregate({ where, groupBy: ['sha256'], max: ['scannedAt'], limit: 1000 })) as { sha256: string; max_scannedAt: string }[];
  const scannedAt = new Map(known.map((group) => [group.sha256, group.max_scannedAt]));
  return (sha256) => {
    const at = scannedAt.get(sha256);
    return at === undefined ? waiting : { ...waiting, scanState: 'clean', scannedAt: at };
  };
}

/** @throws FILE_QUARANTINED */
export function requireReleased({ scanState }: Pick<ScanFields, 'scanState'>): void {
  if (released.includes(scanState)) return;
  throw FileQuarantined({ details: { state: scanState }, ...(scanState === 'infected' ? { message: 'The file is locked: a malware scanner found something in it.' } : {}) });
}

export function scanView({ scanState, scannedAt, scanSignature, scanReason }: ScanFields): Scan {
  return { state: scanState, signature: scanSignature, scannedAt, reason: scanReason };
}
