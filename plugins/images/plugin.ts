import { definePlugin } from '@proofpix/sdk';
import { squares } from './services/squares.ts';

/** The part with native code, kept apart so that plugins which need a picture can still run in the sandbox. */
export default definePlugin({
  id: 'images',
  version: '1.0.0',
  title: 'Images',
  description: 'Makes pictures fit for showing, for other plugins.',
  capabilities: ['files:read'],
  parts: [squares],
});
