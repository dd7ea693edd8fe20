import { definePlugin } from '@proofpix/sdk';
import { dropCopy } from './jobs/drop-copy.ts';
import { metadata } from './metadata/metadata.ts';
import { pages } from './pages/pages.ts';
import { privacy } from './privacy.ts';
import { structure } from './structure/structure.ts';
import { text } from './text/text.ts';

/** Readers of files with native parts or with an appetite, kept apart so that plugins which need them can run in the sandbox. */
export default definePlugin({
  id: 'parsers',
  version: '1.0.0',
  title: 'Parsers',
  description: 'Reads what files say of themselves and what is written in them, and makes copies without it, for other plugins.',
  capabilities: ['files:read', 'files:write', 'jobs'],
  limits: { storedBytes: 107_374_182_400 },
  parts: [metadata, structure, privacy, text, pages, dropCopy],
});
