import { definePlugin, pluginKit, Type } from '@proofpix/sdk';
import { countWords } from './count-words.ts';

const { route, hook } = pluginKit();

const count = route({
  name: 'count',
  method: 'POST',
  path: '/count',
  access: 'tenant',
  summary: 'Count the words of a text',
  body: { json: Type.Object({ text: Type.String({ maxLength: 1_000_000 }) }, { additionalProperties: false }), maxBytes: 4_194_304 },
  response: Type.Object({ words: Type.Integer(), characters: Type.Integer() }),
  idempotent: true,
  handler: (_ctx, { body }) => ({ words: countWords(body.text), characters: [...body.text].length }),
});

/** Journal entries are stored with their number of words. Failing open: without it they have none. */
const journalEntry = hook<{ title: string; note: string; words: number | null }>({
  point: 'photo-journal.before-entry',
  order: 0,
  timeoutMs: 500,
  onFailure: 'open',
  handler: async (_ctx, { note }) => ({ patch: { words: countWords(note) } }),
});

export default definePlugin({
  id: 'word-count',
  version: '1.0.0',
  title: 'Word count',
  description: 'Counts the words of a text, and of what is written into the photo journal.',
  publisher: 'proofpix-examples',
  capabilities: ['hooks:photo-journal.before-entry'],
  parts: [count, journalEntry],
});
