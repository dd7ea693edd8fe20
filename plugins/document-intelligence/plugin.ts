import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { ProcessingCompleted, ProcessingFailed, ProcessingProgressed, ProcessingStarted, processorReports } from './contract.ts';
import { extract } from './jobs/extract.ts';
import { services } from './kit.ts';
import { permissions } from './permissions.ts';
import { extractEntities } from './routes/extract-entities.ts';
import { fileDeleted } from './subscribers/file-deleted.ts';
import { processRequested } from './subscribers/process-requested.ts';

export default definePlugin({
  id: 'document-intelligence',
  version: '1.0.0',
  title: 'Document intelligence',
  description: 'Finds out what uploaded documents are, where and when photos were taken, and whom and what a text names.',
  dependencies: { files: { range: '^1.0.0' } },
  capabilities: ['files:read', 'jobs', 'realtime', 'events:emit:document-intelligence.*', 'events:on:files.process-requested', 'events:on:files.deleted'],
  services,
  collections,
  permissions,
  events: {
    [processorReports.started]: { schema: ProcessingStarted, public: true, realtime: 'document:processing', description: 'Work on a document began.' },
    [processorReports.progressed]: { schema: ProcessingProgressed, public: true, realtime: 'document:progress', description: 'Work on a document went on.' },
    [processorReports.completed]: { schema: ProcessingCompleted, public: true, realtime: 'document:completed', description: 'A document was processed; with all that was found.' },
    [processorReports.failed]: { schema: ProcessingFailed, public: true, realtime: 'document:error', description: 'A document could not be processed.' },
  },
  parts: [processRequested, fileDeleted, extract, extractEntities],
});
