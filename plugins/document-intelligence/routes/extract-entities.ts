import { route } from '../kit.ts';
import { ExtractEntities, FoundEntities } from '../schemas.ts';
import { oneOf } from '../services/documents/one-of.ts';
import { extractFrom } from '../services/entities/extract.ts';

/** As JSON a character takes six bytes at most. */
const maxBytes = 1_638_400;

/** Keeps nothing: neither the text nor what was found is stored, logged or emitted. */
export const extractEntities = route({
  name: 'extractEntities',
  method: 'POST',
  path: '/api/document-intelligence/extract-entities',
  access: 'tenant',
  permission: 'document-intelligence:extract',
  summary: 'Find people, organisations, places, dates, amounts, numbers of cards, accounts and identity and other personal data in a text or a document',
  body: { json: ExtractEntities, maxBytes },
  // for who retries with an Idempotency-Key: what it says of the text is not to be kept
  secretReply: true,
  idempotent: true,
  response: FoundEntities,
  handler: (ctx, { body: { options = {}, ...body } }) => extractFrom(ctx, oneOf(body), options),
});
