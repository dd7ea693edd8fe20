import { Type, type Static } from '@proofpix/sdk';

/** What the operator gives this plugin: see `docs/oauth.md` for the variables it is made from. */
export const Settings = Type.Object(
  {
    /** Where users reach the server, without a slash at the end; null while that is not known, when nobody can sign in this way. */
    publicUrl: Type.Union([Type.String(), Type.Null()]),
    /** Origins that a sign-in may end at. */
    redirectOrigins: Type.Array(Type.String()),
    providers: Type.Array(
      Type.Object({
        id: Type.String({ pattern: '^[a-z][a-z0-9-]{0,29}$' }),
        title: Type.String(),
        issuer: Type.String(),
        clientId: Type.String(),
        /** Beside `openid`; empty for the usual ones. */
        scopes: Type.Array(Type.String()),
      }),
    ),
  },
  { additionalProperties: false },
);
export type Settings = Static<typeof Settings>;
