import { hook } from '../kit.ts';
import { documentView } from '../services/find-document.ts';
import { released } from '../services/quarantine.ts';

/** What is needed of the payload of `users.export`: a page of parts that every plugin adds to. */
interface ExportPage {
  userId: string;
  page: number;
  parts: { path: string; json?: unknown; file?: string }[];
  more: boolean;
}

/** Two parts each; a page takes a hundred of them. */
const perPage = 50;
/** As long as the longest export. */
const handleSeconds = 7_200;

/** A person's own uploads, with what was found out about them. */
export const exportPersonalData = hook<ExportPage>({
  point: 'users.export',
  order: 0,
  timeoutMs: 10_000,
  onFailure: 'closed',
  async handler(ctx, { userId, page, parts, more }) {
    // where a page ended is remembered for the next one: pages are asked for in order
    const key = `export ${userId}`;
    const cursor = page === 0 ? null : await ctx.kv.get<string>(key);
    if (page > 0 && cursor === null) return;
    const { items, nextCursor } = await ctx.db.documents.find({ where: { ownerId: userId }, orderBy: [['createdAt', 'asc']], limit: perPage, ...(cursor === null ? {} : { cursor }) });
    const own: ExportPage['parts'] = [];
    for (const document of items) {
      const { filename, id } = document;
      const result = await ctx.db.results.findOne({ documentId: id });
      own.push({ path: `files/${id}/record.json`, json: { ...documentView(document), result: result === null ? null : { kind: result.kind, metadata: result.metadata, location: result.location, summary: result.summary, completedAt: result.completedAt } } });
      // what is locked is no gift
      if (released.includes(document.scanState)) own.push({ path: `files/${id}/${filename}`, file: await ctx.files.share(document.contentId, { ttlSeconds: handleSeconds }) });
    }
    if (nextCursor === null) await ctx.kv.delete(key);
    else await ctx.kv.set(key, nextCursor, { ttlSeconds: handleSeconds });
    return { patch: { parts: [...parts, ...own], more: more || nextCursor !== null } };
  },
});
