import { definePlugin } from '@proofpix/sdk';
import { malware } from './services/malware.ts';
import { Settings } from './settings.ts';

/** The part that speaks to clamd, which is no HTTP and so nothing for `ctx.fetch`; whoever wants a verdict can run in the sandbox. */
export default definePlugin({
  id: 'scanner',
  version: '1.0.0',
  title: 'Malware scanner',
  description: 'Asks the deployment’s ClamAV daemon about files, for other plugins.',
  capabilities: ['files:read'],
  settings: Settings,
  limits: { hostCalls: 10_000 },
  parts: [malware],
});
