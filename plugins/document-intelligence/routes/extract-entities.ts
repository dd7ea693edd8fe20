import { route } from '../kit.ts';
import { ExtractEntities, FoundEntities } from '../schemas.ts';
import { findEntities } from '../services/entities/find-entities.ts';
import { entityTypes } from '../services/entities/span.ts';

/** As JSON a character takes six bytes at most. */
const maxBytes = 1_638_400;
const maxEntities = 5000;

/** Keeps nothing: neither the text nor what was found is stored, logged or emitted. */
export const extractEntities = route({
  name: 'extractEntities',
  method: 'POST',
  path: '/api/document-intelligence/extract-entities',
  access: 'tenant',
  permission: 'document-intelligence:extract',
  summary: 'Find people, organisations, places, dates, amounts, numbers of cards, accounts and identity and other personal data in a text',
  body: { json: ExtractEntities, maxBytes },
  // for who retries with an Idempotency-Key: what it says of the text is not to be kept
  secretReply: true,
  idempotent: true,
  response: FoundEntities,
  async handler(_ctx, { body: { text, options } }) {
    const found = findEntities(text, options);
    const counts: Record<string, number> = {};
    for (const type of entityTypes) {
      const count = found.filter((span) => span.type === type).length;
      if (count > 0) counts[type] = count;
    }
    return { entities: found.slice(0, maxEntities).map((span) => ({ ...span })), counts, truncated: found.length > maxEntities };
  },
});
