import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { FileDeleted, FileUploaded, ProcessingExpired, ProcessRequested } from './contract.ts';
import { exportPersonalData } from './hooks/export-personal-data.ts';
import { expireRuns } from './jobs/expire-runs.ts';
import { purgeContent } from './jobs/purge-content.ts';
import { remove } from './routes/delete.ts';
import { download } from './routes/download.ts';
import { get } from './routes/get.ts';
import { process } from './routes/process.ts';
import { results } from './routes/results.ts';
import { status } from './routes/status.ts';
import { upload } from './routes/upload.ts';
import { documents } from './services/documents.ts';
import { processingReports } from './subscribers/processing-reports.ts';
import { teamDeleted } from './subscribers/team-deleted.ts';
import { userErased } from './subscribers/user-erased.ts';

export default definePlugin({
  id: 'files',
  version: '1.0.0',
  title: 'Files',
  description: 'Uploads, downloads and the state of their processing.',
  capabilities: ['files:read', 'files:write', 'jobs', 'events:emit:files.*', 'events:on:document-intelligence.*', 'events:on:teams.deleted', 'events:on:users.erased', 'hooks:users.export'],
  collections,
  permissions: {
    read: { description: 'See and download files and their results', roles: ['viewer', 'member', 'admin', 'owner'] },
    write: { description: 'Upload files and have them processed', roles: ['member', 'admin', 'owner'] },
    delete: { description: 'Delete one’s own files', roles: ['member', 'admin', 'owner'] },
    'delete-any': { description: 'Delete anybody’s files, with files:delete', roles: ['admin', 'owner'] },
  },
  events: {
    'files.uploaded': { schema: FileUploaded, public: true, realtime: 'document:upload', description: 'A file was uploaded.' },
    'files.process-requested': { schema: ProcessRequested, public: true, description: 'A file is to be processed.' },
    'files.processing-expired': { schema: ProcessingExpired, public: true, realtime: 'document:error', description: 'No processor finished in time.' },
    'files.deleted': { schema: FileDeleted, public: true, description: 'A file was deleted.' },
  },
  parts: [upload, get, download, remove, process, status, results, documents, purgeContent, expireRuns, ...processingReports, teamDeleted, userErased, exportPersonalData],
});
