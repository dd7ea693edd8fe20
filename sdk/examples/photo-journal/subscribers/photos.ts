import { isError } from '@proofpix/sdk';
import { subscriber } from '../kit.ts';
import { addEntry } from '../services/add-entry.ts';

/** How long a file's name is kept for the moment when the file has been read. */
const nameSeconds = 86_400;

/** What this plugin reads of `files.uploaded`. */
interface Uploaded {
  fileId: string;
  filename: string;
}

/** What this plugin reads of `document-intelligence.completed`. */
interface Completed {
  fileId: string;
  kind: string;
  metadata: { capture?: { capturedAt: string } | null };
  location: { latitude: number; longitude: number; place: { label: string } | null } | null;
}

export const uploaded = subscriber<Uploaded>({
  name: 'remember-name',
  event: 'files.uploaded',
  handler: (ctx, { payload }) => ctx.kv.set(`name ${payload.fileId}`, payload.filename, { ttlSeconds: nameSeconds }),
});

/** Every photo that was read becomes an entry, once: the same event may come twice. */
export const completed = subscriber<Completed>({
  name: 'add-photo',
  event: 'document-intelligence.completed',
  retryLimit: 5,
  async handler(ctx, { payload }) {
    const { fileId, kind, metadata, location } = payload;
    if (kind !== 'image' || (await ctx.db.entries.count({ fileId })) > 0) return;
    const title = (await ctx.kv.get<string>(`name ${fileId}`)) ?? 'A photo';
    const takenAt = metadata.capture?.capturedAt;
    const place = location?.place?.label;
    const where = location === null ? {} : { latitude: location.latitude, longitude: location.longitude };
    try {
      await addEntry(ctx, { title: title.slice(0, 200), note: '', fileId, ...where, ...(takenAt === undefined ? {} : { takenAt }), ...(place === undefined ? {} : { place }) });
    } catch (error) {
      // Two deliveries at the same moment: the unique index let one of them through.
      if (!isError(error, 'CONFLICT')) throw error;
    }
  },
});
