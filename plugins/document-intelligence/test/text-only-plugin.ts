import { definePlugin } from '@proofpix/sdk';
import { permissions } from '../permissions.ts';
import { extractEntities } from '../routes/extract-entities.ts';

/** The part of the plugin that has no native code, so that the sandbox can run it. */
export default definePlugin({ id: 'document-intelligence', version: '1.0.0', title: 'Text only', description: 'What needs no native code.', permissions, parts: [extractEntities] });
