import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { FileDeleted, FileInfected, FileRestored, FileTrashed, FileUpdated, FileUploaded, ProcessCancelled, ProcessingExpired, ProcessRequested } from './contract.ts';
import { exportPersonalData } from './hooks/export-personal-data.ts';
import { dropShares } from './jobs/drop-shares.ts';
import { emptyTrash } from './jobs/empty-trash.ts';
import { expireRuns } from './jobs/expire-runs.ts';
import { expireUploads } from './jobs/expire-uploads.ts';
import { joinUpload } from './jobs/join-upload.ts';
import { purgeContent } from './jobs/purge-content.ts';
import { rescan } from './jobs/rescan.ts';
import { scan } from './jobs/scan.ts';
import { services } from './kit.ts';
import { batchProcess } from './routes/batch-process.ts';
import { bulkUpload } from './routes/bulk-upload.ts';
import { cancel } from './routes/cancel.ts';
import { remove } from './routes/delete.ts';
import { download } from './routes/download.ts';
import { addFolder, getFolder, listFolders, removeFolder, updateFolder } from './routes/folders.ts';
import { get } from './routes/get.ts';
import { list } from './routes/list.ts';
import { process, reprocess } from './routes/process.ts';
import { restore } from './routes/restore.ts';
import { createUpload, endUpload, getUpload, resumeUpload } from './routes/resumable-uploads.ts';
import { results } from './routes/results.ts';
import { createShare, downloadShared, listShares, openShared, revokeShare } from './routes/shares.ts';
import { status } from './routes/status.ts';
import { strip } from './routes/strip.ts';
import { thumbnail } from './routes/thumbnail.ts';
import { update } from './routes/update.ts';
import { upload } from './routes/upload.ts';
import { addFileVersion, listVersions, restoreVersion } from './routes/versions.ts';
import { Config, Settings } from './schemas.ts';
import { documents } from './services/documents.ts';
import { processing } from './services/processing.ts';
import { texts } from './services/texts.ts';
import { uploads } from './services/uploads.ts';
import { processingReports } from './subscribers/processing-reports.ts';
import { teamDeleted } from './subscribers/team-deleted.ts';
import { userErased } from './subscribers/user-erased.ts';

export default definePlugin({
  id: 'files',
  version: '1.0.0',
  title: 'Files',
  description: 'Uploads, downloads and the state of their processing.',
  capabilities: ['files:read', 'files:write', 'jobs', 'events:emit:files.*', 'events:on:document-intelligence.*', 'events:on:teams.deleted', 'events:on:users.erased', 'hooks:users.export'],
  dependencies: { images: { range: '^1.1.0', optional: true }, parsers: { range: '^1.0.0', optional: true }, scanner: { range: '^1.0.0', optional: true } },
  services,
  collections,
  config: Config,
  settings: Settings,
  permissions: {
    read: { description: 'See, search and download files and their results', roles: ['viewer', 'member', 'admin', 'owner'] },
    write: { description: 'Upload, rename and tag files, and have them processed', roles: ['member', 'admin', 'owner'] },
    share: { description: 'Give files away by links, with files:read', roles: ['member', 'admin', 'owner'] },
    delete: { description: 'Delete and restore one’s own files', roles: ['member', 'admin', 'owner'] },
    'delete-any': { description: 'Delete and restore anybody’s files, with files:delete, and revoke anybody’s links, with files:share', roles: ['admin', 'owner'] },
  },
  events: {
    'files.uploaded': { schema: FileUploaded, public: true, realtime: 'document:upload', description: 'A file was uploaded.' },
    'files.process-requested': { schema: ProcessRequested, public: true, description: 'A file is to be processed.' },
    'files.process-cancelled': { schema: ProcessCancelled, public: true, description: 'The processing of a file was called off.' },
    'files.processing-expired': { schema: ProcessingExpired, public: true, realtime: 'document:error', description: 'No processor finished in time.' },
    'files.updated': { schema: FileUpdated, public: true, description: 'A file has another name, other tags, another folder or new content.' },
    'files.trashed': { schema: FileTrashed, public: true, description: 'A file was put into the trash.' },
    'files.restored': { schema: FileRestored, public: true, description: 'A file was taken out of the trash.' },
    'files.infected': { schema: FileInfected, public: true, realtime: 'document:error', description: 'A malware scanner found something in a file.' },
    'files.deleted': { schema: FileDeleted, public: true, description: 'A file is gone for good.' },
  },
  // one bulk upload keeps and announces thousands of files; a team's files are many
  limits: { hostCalls: 100_000, bytes: 67_108_864, storedBytes: 107_374_182_400, rows: 10_000_000, cpuMs: 60_000, queuedJobs: 100_000, eventsPerMinute: 60_000 },
  parts: [upload, bulkUpload, createUpload, getUpload, resumeUpload, endUpload, list, get, update, download, thumbnail, strip, remove, restore, addFileVersion, listVersions, restoreVersion, addFolder, listFolders, getFolder, updateFolder, removeFolder, createShare, listShares, revokeShare, downloadShared, openShared, process, reprocess, batchProcess, cancel, status, results, documents, processing, texts, uploads, purgeContent, expireRuns, emptyTrash, dropShares, scan, rescan, joinUpload, expireUploads, ...processingReports, teamDeleted, userErased, exportPersonalData],
});
