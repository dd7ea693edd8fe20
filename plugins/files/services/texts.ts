import { filesTexts } from '../contract.ts';
import { RunNotActive } from '../errors.ts';
import { provide } from '../kit.ts';
import { findDocument } from './find-document.ts';
import { newestFirst } from './search-texts.ts';

/** UTF-8, of one answer. */
const maxAnswerBytes = 1_000_000;
/** Read at once while the size of the pages is not known. */
const firstBatch = 4;
const maxBatch = 200;

const encoder = new TextEncoder();

/** What PostgreSQL cannot keep, replaced character by character, so that offsets stay what they were. */
const storable = (text: string): string => text.replaceAll('\u0000', '\uFFFD').toWellFormed();

export const texts = provide(filesTexts, {
  async store(ctx, { fileId, runId, clear, pages }) {
    const records = new Map(pages.map(({ page, text, source }) => [page, { documentId: fileId, page, content: storable(text), source, newestFirst: newestFirst(fileId) }]));
    await findDocument(ctx, fileId);
    return ctx.db.transaction(async (tx) => {
      // locks the record: neither the file's end nor another run's text comes between
      const active = await tx.db.documents.update({ id: fileId, trashedAt: null, activeRunId: runId }, { runSeenAt: ctx.clock.date().toISOString() });
      if (active === 0) throw RunNotActive();
      await tx.db.texts.delete({ documentId: fileId, ...(clear ? {} : { page: { $in: [...records.keys()] } }) });
      if (records.size > 0) await tx.db.texts.insertMany([...records.values()]);
      return { stored: records.size };
    });
  },
  async read(ctx, { fileId, runId, firstPage }) {
    const document = await findDocument(ctx, fileId);
    if (runId === undefined) await ctx.auth.require('files:read');
    else if (document.activeRunId !== runId) throw RunNotActive();
    const read: { page: number; text: string; source: 'file' | 'ocr' }[] = [];
    let bytes = 0;
    let from = firstPage;
    for (let limit = firstBatch; ; ) {
      const { items } = await ctx.db.texts.find({ where: { documentId: fileId, page: { $gte: from } }, orderBy: [['page', 'asc']], limit });
      for (const { page, content, source } of items) {
        bytes += encoder.encode(content).length;
        if (read.length > 0 && bytes > maxAnswerBytes) return { pages: read, nextPage: page };
        read.push({ page, text: content, source });
        from = page + 1;
      }
      if (items.length < limit) return { pages: read, nextPage: null };
      const perPage = Math.max(1, bytes / read.length);
      limit = Math.max(1, Math.min(maxBatch, Math.ceil((maxAnswerBytes - bytes) / perPage)));
    }
  },
});
