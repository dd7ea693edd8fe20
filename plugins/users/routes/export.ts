import { reply, Type } from '@proofpix/sdk';
import { ExportNotReady } from '../errors.ts';
import { route } from '../kit.ts';
import { Export } from '../schemas.ts';
import { selfOf } from '../services/events.ts';
import { exportDays, exportView, findExport } from '../services/exports.ts';

const ExportParams = Type.Object({ exportId: Type.String({ format: 'uuid' }) });
const dayMs = 86_400_000;
const mostShown = 50;

export const startExport = route({
  name: 'startExport',
  method: 'POST',
  path: '/api/users/account/export',
  access: 'tenant',
  summary: 'Have all personal data put into a ZIP file, with what the plugins of this team hold',
  status: 202,
  response: Export,
  async handler(ctx) {
    const userId = selfOf(ctx);
    // refuses keys and whoever acts for somebody else, before anything is begun
    await ctx.services.users.personalData({});
    const underWay = await ctx.db.exports.findOne({ userId, state: { $in: ['queued', 'running'] } });
    const made =
      underWay ??
      (await ctx.db.transaction(async (tx) => {
        const expiresAt = new Date(ctx.clock.now() + exportDays * dayMs).toISOString();
        const record = await tx.db.exports.insert({ userId, state: 'queued', fileId: null, sizeBytes: null, error: null, completedAt: null, expiresAt });
        await tx.jobs.send('build-export', { exportId: record.id });
        return record;
      }));
    if (underWay === null) await ctx.auth.audit({ action: 'export-requested', target: userId });
    return reply({ status: 202, headers: { location: `/api/users/account/export/${made.id}` }, json: exportView(made) });
  },
});

export const listExports = route({
  name: 'listExports',
  method: 'GET',
  path: '/api/users/account/export',
  access: 'tenant',
  summary: 'One’s own exports of personal data, newest first',
  response: Type.Object({ items: Type.Array(Export), nextCursor: Type.Null() }),
  async handler(ctx) {
    const { items } = await ctx.db.exports.find({ where: { userId: selfOf(ctx) }, orderBy: [['createdAt', 'desc']], limit: mostShown });
    return { items: items.map(exportView), nextCursor: null };
  },
});

export const getExport = route({
  name: 'getExport',
  method: 'GET',
  path: '/api/users/account/export/:exportId',
  access: 'tenant',
  summary: 'How far an export is',
  params: ExportParams,
  response: Export,
  handler: async (ctx, { params }) => exportView(await findExport(ctx, params.exportId)),
});

export const downloadExport = route({
  name: 'downloadExport',
  method: 'GET',
  path: '/api/users/account/export/:exportId/download',
  access: 'tenant',
  summary: 'The ZIP file',
  params: ExportParams,
  produces: ['application/zip'],
  timeoutMs: 300_000,
  async handler(ctx, { params }) {
    // the same people who may ask for one may fetch it
    await ctx.services.users.personalData({});
    const { state, fileId, completedAt } = await findExport(ctx, params.exportId);
    if (state !== 'completed' || fileId === null) throw ExportNotReady({ details: { state } });
    return reply({ file: { id: fileId, filename: `personal-data-${(completedAt ?? '').slice(0, 10)}.zip`, mimeType: 'application/zip', inline: false } });
  },
});
