import { Type } from 'typebox';
import { defineService } from '../service.ts';
import { Id, Nullable, Text } from './shared.ts';

/** Of the deployment: lower case, e.g. `google`. */
const Provider = Type.String({ pattern: '^[a-z][a-z0-9-]{0,29}$' });
const Time = Type.String({ format: 'date-time' });
const Token = Type.String({ minLength: 1, maxLength: 16_384 });
const Mode = Type.Enum(['sign-in', 'link']);
/** `request.browser`. */
const Browser = Nullable(Type.String({ minLength: 1, maxLength: 100 }));
const UserAgent = Nullable(Type.String({ maxLength: 1000 }));

/** Tokens of a provider, as the provider gave them. Kept encrypted. */
export const ProviderTokens = Type.Object({ accessToken: Token, tokenType: Type.String({ maxLength: 50 }), refreshToken: Nullable(Token), scope: Nullable(Type.String({ maxLength: 4000 })), expiresAt: Nullable(Time) });

/** Who somebody is at a provider, after the calling plugin has verified it. `(issuer, subject)` is the identity; the rest may change. */
export const ExternalProfile = Type.Object({
  provider: Provider,
  issuer: Type.String({ minLength: 1, maxLength: 500 }),
  subject: Type.String({ minLength: 1, maxLength: 255 }),
  email: Nullable(Type.String({ maxLength: 320 })),
  /** The provider itself says that the address is this person's. */
  emailVerified: Type.Boolean(),
  firstName: Text,
  lastName: Text,
});

/** An account elsewhere by which the principal can sign in. */
export const ExternalConnection = Type.Object({ provider: Provider, issuer: Text, subject: Text, email: Nullable(Text), scope: Nullable(Text), hasRefreshToken: Type.Boolean(), linkedAt: Time, lastUsedAt: Nullable(Time), tokensExpireAt: Nullable(Time) });

/** The login of `POST /api/auth/login`, or what it answers while a second factor is missing. */
export const SignInResult = Type.Record(Text, Type.Unknown());

const Empty = Type.Object({});
const OfProvider = Type.Object({ provider: Provider });

/**
 * `kernel:sign-in`, a capability of its own: whoever has it can sign in as anybody with an external
 * identity. Flows of sign-in by an account elsewhere, the identities, and the tokens that providers gave.
 * What concerns links and tokens is for the principal in a session of their own: no API key, nobody who
 * acts for somebody else (UNAUTHORIZED, FORBIDDEN). Changes are audited in their transaction.
 */
export const kernelSignIn = defineService({
  id: 'kernel.sign-in',
  version: '1.0.0',
  methods: {
    /**
     * Begins a flow of ten minutes. `state` goes through the provider; `flowToken` stays with the client, which
     * finishes the flow with it unless it is the same browser. `data` is sealed until {@link take}. A link belongs
     * to the principal's session, which must be at most five minutes old (CONFIRMATION_REQUIRED).
     */
    begin: {
      input: Type.Object({ provider: Provider, mode: Mode, browser: Browser, redirectTo: Nullable(Type.String({ maxLength: 2000 })), data: Type.Record(Text, Type.Unknown()) }),
      output: Type.Object({ state: Text, flowToken: Text, expiresInSeconds: Type.Integer() }),
    },
    /** What a browser that comes back needs to know, without using the flow up. Null for an unknown flow, or another browser's. */
    peek: { input: Type.Object({ state: Text, browser: Browser }), output: Nullable(Type.Object({ provider: Provider, mode: Mode, redirectTo: Nullable(Text) })) },
    /** Uses a flow up. SIGN_IN_FLOW_INVALID for one that is unknown, used, outdated, or somebody else's: those are not told apart, and somebody else's lives on. */
    take: { input: Type.Object({ state: Text, flowToken: Nullable(Text), browser: Browser }), output: Type.Object({ provider: Provider, mode: Mode, redirectTo: Nullable(Text), data: Type.Record(Text, Type.Unknown()) }) },
    /**
     * Signs in who is known; makes an account for who is not, when the provider vouches for an address that no
     * account has. ACCOUNT_EXISTS when one has it: only its owner can link, EMAIL_NOT_VERIFIED, FORBIDDEN for a
     * suspended account.
     */
    signIn: { input: Type.Object({ profile: ExternalProfile, tokens: ProviderTokens, userAgent: UserAgent }), output: SignInResult },
    /** Links to the principal's account. CONFLICT when the identity is somebody else's, or another one of this provider is linked. */
    link: { input: Type.Object({ profile: ExternalProfile, tokens: ProviderTokens }), output: ExternalConnection },
    connections: { input: Empty, output: Type.Object({ items: Type.Array(ExternalConnection) }), idempotent: true },
    /** NOT_FOUND when none of the provider is linked. */
    tokens: { input: OfProvider, output: Type.Object({ issuer: Text, subject: Text, tokens: ProviderTokens }), idempotent: true },
    /**
     * Asks to renew the tokens. `lease`: do it, then {@link storeTokens} or {@link releaseTokens}, within 30 s.
     * `busy`: somebody does, ask again soon. `fresh`: it was done in the last ten seconds. REFRESH_TOKEN_MISSING.
     */
    leaseTokens: { input: OfProvider, output: Type.Object({ outcome: Type.Enum(['lease', 'busy', 'fresh']), leaseId: Nullable(Id), tokens: Nullable(ProviderTokens) }) },
    /** CONFLICT when the lease has ended or the link is gone. */
    storeTokens: { input: Type.Object({ provider: Provider, leaseId: Id, tokens: ProviderTokens }), output: Type.Null() },
    /** Gives the lease up; `isRefused` forgets a refresh token that the provider does not take any more. */
    releaseTokens: { input: Type.Object({ provider: Provider, leaseId: Id, isRefused: Type.Boolean() }), output: Type.Null() },
    /** Ends a link and the other sessions that began by it, and answers its tokens, to be revoked. NOT_FOUND; CONFLICT when it is the last way in. */
    unlink: { input: OfProvider, output: Type.Object({ issuer: Text, subject: Text, tokens: Nullable(ProviderTokens) }) },
  },
});
