import { reply, Type } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { TextSource, TypeName } from '../schemas.ts';
import { oneOf } from '../services/documents/one-of.ts';
import { redactionModes } from '../services/redaction/modes.ts';
import { redactDocument } from '../services/redaction/redact-document.ts';
import { redactText } from '../services/redaction/redact-text.ts';
import { restoreText } from '../services/redaction/seal-values.ts';

const closed = { additionalProperties: false };
const Uuid = Type.String({ format: 'uuid' });
const maxBytes = 1_638_400;
/** Pages of a scan take seconds each. */
const timeoutMs = 300_000;
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const Redact = Type.Object(
  {
    ...TextSource,
    /** Built-in types and names of recognisers. Default: what belongs to people and their money, and all that recognisers of the tenant and of plugins find. */
    types: Type.Optional(Type.Array(TypeName, { minItems: 1, maxItems: 80 })),
    /** For texts and text files; default `replace`. In pictures and PDFs all is black. */
    mode: Type.Optional(Type.Enum([...redactionModes])),
    options: Type.Optional(
      Type.Object(
        {
          /** Default 0.5. */
          minimumScore: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
          /** For `mask`: letters and digits at the end that stay; default 0. */
          keepLast: Type.Optional(Type.Integer({ minimum: 0, maximum: 8 })),
          /** For `mask`; default `*`. */
          maskWith: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
        },
        closed,
      ),
    ),
  },
  closed,
);

const Redacted = Type.Union([
  Type.Object({
    text: Type.String(),
    replacements: Type.Array(Type.Object({ type: Type.String(), start: Type.Integer(), end: Type.Integer(), replacement: Type.String() })),
    /** Of `encrypt`: what restores the text, for members of this team who may. */
    sealed: Nullable(Type.Array(Type.String())),
  }),
  Type.Object({ documentId: Uuid, originalId: Uuid, filename: Type.String(), counts: Type.Record(Type.String(), Type.Integer()) }),
]);

export const redact = route({
  name: 'redact',
  method: 'POST',
  path: '/api/document-intelligence/redact',
  access: 'tenant',
  permission: 'document-intelligence:redact',
  summary: 'Hide personal data: in a text by masks, numbers, hashes or tokens that can be restored; of a document as a new document',
  body: { json: Redact, maxBytes },
  secretReply: true,
  timeoutMs,
  response: Redacted,
  async handler(ctx, { body: { mode = 'replace', types, options = {}, ...body } }) {
    const source = oneOf(body);
    if (source.documentId === null) return await redactText(ctx, source.text, mode, { types, ...options });
    return reply({ status: 201, json: await redactDocument(ctx, source.documentId, mode, { types, ...options }) });
  },
});

export const restoreRedacted = route({
  name: 'restoreRedacted',
  method: 'POST',
  path: '/api/document-intelligence/redact/restore',
  access: 'tenant',
  permission: 'document-intelligence:restore',
  summary: 'Put back what was encrypted in a text, or in any part of it',
  body: { json: Type.Object({ text: Type.String({ minLength: 1, maxLength: 524_288 }), sealed: Type.Array(Type.String({ maxLength: 131_072 }), { minItems: 1, maxItems: 100 }) }, closed), maxBytes: 8_388_608 },
  secretReply: true,
  idempotent: true,
  response: Type.Object({ text: Type.String(), restored: Type.Integer() }),
  async handler(ctx, { body: { text, sealed } }) {
    const restored = await restoreText(ctx, text, sealed);
    await ctx.auth.audit({ action: 'text-restored', details: { restored: restored.restored } });
    return restored;
  },
});
