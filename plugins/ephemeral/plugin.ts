import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { forget } from './jobs/forget.ts';
import { process as processJob } from './jobs/process.ts';
import { services } from './kit.ts';
import { active } from './routes/active.ts';
import { batchProcess } from './routes/batch-process.ts';
import { cleanup } from './routes/cleanup.ts';
import { process } from './routes/process.ts';
import { status } from './routes/status.ts';
import { teamDeleted } from './subscribers/team-deleted.ts';
import { userErased } from './subscribers/user-erased.ts';

const anyVersion = { range: '^1.0.0', optional: true };

export default definePlugin({
  id: 'ephemeral',
  version: '1.0.0',
  title: 'Ephemeral processing',
  description: 'Finds out what is in files that leave no trace: they and the results are encrypted under a key in memory, for minutes.',
  dependencies: { parsers: anyVersion, ocr: anyVersion, 'document-intelligence': anyVersion },
  // files:read: for what the services read on this plugin's behalf
  capabilities: ['scratch', 'files:read', 'jobs', 'realtime', 'events:on:teams.deleted', 'events:on:users.erased'],
  services,
  collections,
  permissions: {
    process: { description: 'Process files that leave no trace, and end one’s own sessions', roles: ['member', 'admin', 'owner'] },
    read: { description: 'See one’s own ephemeral sessions and their results', roles: ['member', 'admin', 'owner'] },
    manage: { description: 'See that others have sessions, without what is in them, and end them', roles: ['admin', 'owner'] },
  },
  limits: { hostCalls: 10_000, bytes: 67_108_864, cpuMs: 30_000, memoryBytes: 268_435_456, rows: 1_000_000 },
  parts: [process, batchProcess, status, cleanup, active, processJob, forget, teamDeleted, userErased],
});
