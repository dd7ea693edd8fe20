import type { ScanVerdict } from '@proofpix/plugin-scanner/contract';
import type { FileInfected } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { ScanFields } from './quarantine.ts';
import { emitProcessRequested, queuedRun } from './request-processing.ts';

const error = { code: 'FILE_INFECTED', message: 'A malware scanner found something in the file. It is locked, and may be deleted.' };

/**
 * Writes down what the scanner said of a content, once: releases it, with the processing that was asked for meanwhile,
 * or leaves it locked for good.
 */
export function settleScan(ctx: FilesContext, documentId: string, contentId: string, { verdict, signature, reason }: ScanVerdict): Promise<void> {
  const now = ctx.clock.date();
  const infected = verdict === 'infected';
  const scan: ScanFields = { scanState: verdict, scannedAt: verdict === 'not-scanned' ? null : now.toISOString(), scanSignature: signature, scanReason: reason };
  return ctx.db.transaction(async (tx) => {
    const warn = async (version: number, sha256: string): Promise<void> => {
      const payload: FileInfected = { fileId: documentId, documentId, version, sha256, signature, error };
      if (infected) await tx.events.emit('files.infected', payload);
    };
    // locks the record: neither a new version nor the trash comes between
    const document = await tx.db.documents.update(documentId, { stage: null });
    if (document === null) return;
    if (document.contentId !== contentId) {
      const version = await tx.db.versions.findOne({ documentId, contentId, scanState: 'pending' });
      if (version === null) return;
      await tx.db.versions.update(version.id, { ...scan });
      return warn(version.number, version.sha256);
    }
    if (document.scanState !== 'pending') return;
    const runId = !infected && document.processOnRelease && document.trashedAt === null ? ctx.random.uuid() : null;
    const settled = await tx.db.documents.update(documentId, { ...scan, processOnRelease: false, ...(runId === null ? {} : queuedRun(runId, now)), ...(infected ? { status: 'failed' as const, error } : {}) });
    await warn(document.version, document.sha256);
    if (runId !== null && settled !== null) await emitProcessRequested(tx, settled, runId);
  });
}
