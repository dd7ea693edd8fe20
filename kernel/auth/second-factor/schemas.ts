import { Type } from 'typebox';
import { LoginReply } from '../schemas.ts';

const closed = { additionalProperties: false } as const;
const Password = Type.String({ minLength: 1, maxLength: 1024, description: 'Needed in a session older than five minutes.' });
const Code = Type.String({ minLength: 6, maxLength: 16, description: 'Six digits from the app.' });
const RecoveryCode = Type.String({ minLength: 20, maxLength: 64 });
const Token = Type.String({ minLength: 1, maxLength: 100 });
/** binary as base64url, of at most so many bytes */
const Binary = (maxBytes: number) => Type.String({ minLength: 1, maxLength: Math.ceil((maxBytes * 4) / 3), pattern: '^[A-Za-z0-9_-]+$' });

/** What browsers add beside these is of no use here, and let pass. */
export const AssertionBody = Type.Object({
  id: Binary(384),
  response: Type.Object({
    clientDataJSON: Binary(4_096),
    authenticatorData: Binary(4_096),
    signature: Binary(1_024),
    userHandle: Type.Optional(Type.Union([Binary(64), Type.Literal(''), Type.Null()])),
  }),
});
export const AttestationBody = Type.Object({
  id: Binary(384),
  response: Type.Object({
    clientDataJSON: Binary(4_096),
    attestationObject: Binary(12_288),
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 16 })),
  }),
});

export const EnrollBody = Type.Object({ password: Type.Optional(Password) }, closed);
export const EnrollReply = Type.Object({
  /** base32, to be typed in */
  secret: Type.String(),
  /** `otpauth://…`, to be shown as a QR code */
  uri: Type.String(),
});
export const ConfirmBody = Type.Object({ code: Code }, closed);
export const RecoveryCodesReply = Type.Object({ recoveryCodes: Type.Array(Type.String()) });
export const FactorChangeBody = Type.Object({ password: Type.Optional(Password), code: Type.Optional(Code), recoveryCode: Type.Optional(RecoveryCode) }, closed);

export const FactorStateReply = Type.Object({
  enabled: Type.Boolean(),
  enabledAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  recoveryCodesLeft: Type.Integer(),
  passkeys: Type.Integer(),
});

export const SecondFactorReply = Type.Object({
  mfaRequired: Type.Literal(true),
  mfaToken: Type.String(),
  methods: Type.Array(Type.Enum(['totp', 'recovery-code', 'passkey'])),
  /** seconds */
  expiresIn: Type.Integer(),
});
/** Tokens, or what is asked for before there are any. */
export const SignInReply = Type.Union([LoginReply, SecondFactorReply]);

export const VerifyBody = Type.Object({ mfaToken: Token, code: Type.Optional(Code), recoveryCode: Type.Optional(RecoveryCode), passkey: Type.Optional(AssertionBody) }, closed);
