import { Type } from 'typebox';
import { AssertionBody, AttestationBody } from '../second-factor/schemas.ts';

const closed = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Moment = Type.String({ format: 'date-time' });

export const PasskeyReply = Type.Object({
  id: Type.String(),
  name: Type.String(),
  transports: Type.Array(Type.String()),
  /** kept by a provider for several devices */
  backedUp: Type.Boolean(),
  createdAt: Moment,
  lastUsedAt: Type.Union([Moment, Type.Null()]),
});
export const PasskeysReply = Type.Object({ items: Type.Array(PasskeyReply), nextCursor: Type.Null() });
/** For `PublicKeyCredential.parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON` (WebAuthn level 3, section 5.1). */
export const CeremonyReply = Type.Object({ challenge: Type.String() }, { additionalProperties: true });
export const PasskeyParams = Type.Object({ passkeyId: Type.String({ minLength: 1, maxLength: 512 }) });

export const OptionsBody = Type.Object({ password: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: 'Needed in a session older than five minutes.' })) }, closed);
export const RegisterPasskeyBody = Type.Object({ name: Type.Optional(Name), credential: AttestationBody }, closed);
export const PasskeyLoginBody = Type.Object({ credential: AssertionBody }, closed);
export const RenameBody = Type.Object({ name: Name }, closed);
