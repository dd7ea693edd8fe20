import { ClassificationResult, FoundEntity, LanguageResult, PersonalDataResult, SecurityFinding } from '@proofpix/plugin-document-intelligence/contract';
import { MetadataReport, StructureFinding, TextPage } from '@proofpix/plugin-parsers/contract';
import { Type, type Static } from '@proofpix/sdk';

/** What can be found out of an ephemeral document; nothing of it exists outside its session. */

const closed = { additionalProperties: false };
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** In the order in which they run. `language` to `secrets` work on the text, so they read it too. */
export const stepNames = ['metadata', 'structure', 'text', 'language', 'classification', 'entities', 'personal-data', 'secrets'] as const;
export const StepName = Type.Enum([...stepNames]);
export type StepName = Static<typeof StepName>;

/** `gone`: the server process with the key has ended. `cleaned`: by request. */
export const SessionStatus = Type.Enum(['queued', 'processing', 'completed', 'failed', 'expired', 'cleaned', 'gone']);
export type SessionStatus = Static<typeof SessionStatus>;

/** A step that could not be done, or not in full: its reason is a code of this plugin or of the platform. */
export const StepWarning = Type.Object({ step: Type.String({ maxLength: 40 }), code: Type.String({ maxLength: 60 }), message: Type.String({ maxLength: 500 }) }, closed);
export type StepWarning = Static<typeof StepWarning>;

/** Null: not asked for, or not to be had (see `warnings`). */
export const EphemeralResults = Type.Object(
  {
    file: Type.Object({ filename: Type.String(), mimeType: Type.String(), sizeBytes: Type.Integer({ minimum: 0 }), sha256: Type.String() }, closed),
    metadata: Nullable(MetadataReport),
    structure: Nullable(Type.Array(StructureFinding)),
    text: Nullable(
      Type.Object(
        {
          status: Type.String(),
          pages: Type.Array(TextPage),
          pageCount: Type.Integer({ minimum: 0 }),
          /** Pages whose text was recognised from their picture. */
          ocrPages: Type.Array(Type.Integer({ minimum: 1 })),
          truncated: Type.Boolean(),
        },
        closed,
      ),
    ),
    language: Nullable(LanguageResult),
    classification: Nullable(ClassificationResult),
    entities: Nullable(Type.Object({ items: Type.Array(FoundEntity), counts: Type.Record(Type.String(), Type.Integer({ minimum: 1 })), truncated: Type.Boolean() }, closed)),
    personalData: Nullable(PersonalDataResult),
    secrets: Nullable(Type.Array(SecurityFinding)),
    warnings: Type.Array(StepWarning),
  },
  closed,
);
export type EphemeralResults = Static<typeof EphemeralResults>;
