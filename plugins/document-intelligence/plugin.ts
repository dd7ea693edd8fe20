import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { FindingsHook, hookPoints, ProcessingCompleted, ProcessingFailed, ProcessingProgressed, ProcessingStarted, processorReports, RecogniseHook } from './contract.ts';
import { failLostRuns } from './jobs/fail-lost-runs.ts';
import { step } from './jobs/step.ts';
import { services } from './kit.ts';
import { permissions } from './permissions.ts';
import { analyze } from './routes/analyze.ts';
import { cancel } from './routes/cancel.ts';
import { classify, correctClassification } from './routes/classify.ts';
import { extractEntities } from './routes/extract-entities.ts';
import { insights } from './routes/insights.ts';
import { recogniserRoutes } from './routes/recognisers.ts';
import { redact, restoreRedacted } from './routes/redact.ts';
import { results } from './routes/results.ts';
import { securityScan } from './routes/security-scan.ts';
import { Config } from './schemas.ts';
import { analyseText } from './services/analyse-text.ts';
import { fileDeleted } from './subscribers/file-deleted.ts';
import { processCancelled } from './subscribers/process-cancelled.ts';
import { processRequested } from './subscribers/process-requested.ts';
import { teamDeleted } from './subscribers/team-deleted.ts';
import { userErased } from './subscribers/user-erased.ts';

const anyVersion = { range: '^1.0.0', optional: true };

export default definePlugin({
  id: 'document-intelligence',
  version: '1.0.0',
  title: 'Document intelligence',
  description: 'Finds out what uploaded documents are, where and when photos were taken, and whom and what a text names.',
  dependencies: { files: { range: '^1.0.0' }, parsers: anyVersion, ocr: anyVersion, scanner: anyVersion, images: anyVersion },
  capabilities: ['files:read', 'files:write', 'jobs', 'realtime', 'events:emit:document-intelligence.*', 'events:on:files.process-requested', 'events:on:files.process-cancelled', 'events:on:files.deleted', 'events:on:teams.deleted', 'events:on:users.erased'],
  services,
  collections,
  config: Config,
  permissions,
  events: {
    [processorReports.started]: { schema: ProcessingStarted, public: true, realtime: 'document:processing', description: 'Work on a document began.' },
    [processorReports.progressed]: { schema: ProcessingProgressed, public: true, realtime: 'document:progress', description: 'Work on a document went on.' },
    [processorReports.completed]: { schema: ProcessingCompleted, public: true, realtime: 'document:completed', description: 'A document was processed; with all that was found.' },
    [processorReports.failed]: { schema: ProcessingFailed, public: true, realtime: 'document:error', description: 'A document could not be processed.' },
  },
  hookPoints: {
    [hookPoints.recognise]: { schema: RecogniseHook, description: 'Add entities to those of a page.' },
    [hookPoints.findings]: { schema: FindingsHook, description: 'Add findings and labels to those of a document.' },
  },
  // what was found in files of former versions is found anew when they are processed again
  migrations: { drop: ['extractions'] },
  // a document of thousands of pages goes through one call of a step; a team's documents are many
  limits: { hostCalls: 100_000, bytes: 67_108_864, cpuMs: 60_000, memoryBytes: 268_435_456, rows: 10_000_000, queuedJobs: 100_000, eventsPerMinute: 60_000 },
  parts: [processRequested, processCancelled, fileDeleted, userErased, teamDeleted, step, failLostRuns, analyze, results, cancel, extractEntities, classify, correctClassification, securityScan, insights, redact, restoreRedacted, ...recogniserRoutes, analyseText],
});
