import { definePlugin } from '@proofpix/sdk';
import { dropCopy } from './jobs/drop-copy.ts';
import { redaction } from './services/redaction.ts';
import { rendering } from './services/rendering.ts';
import { squares } from './services/squares.ts';
import { thumbnails } from './services/thumbnails.ts';

/** The part with native code, kept apart so that plugins which need a picture can still run in the sandbox. */
export default definePlugin({
  id: 'images',
  version: '1.1.0',
  title: 'Images',
  description: 'Makes pictures fit for showing, reading and giving away, for other plugins.',
  capabilities: ['files:read', 'files:write', 'jobs'],
  // pictures cross the wall as base64
  limits: { bytes: 67_108_864, hostCalls: 10_000, storedBytes: 107_374_182_400 },
  parts: [squares, thumbnails, rendering, redaction, dropCopy],
});
