import { defineError } from '@proofpix/sdk';

export const SignInFlowInvalid = defineError({ code: 'SIGN_IN_FLOW_INVALID', kind: 'forbidden', message: 'This sign-in was not begun here, has been used, or took too long. Begin again.' });
export const AccountExists = defineError({ code: 'ACCOUNT_EXISTS', kind: 'conflict', message: 'There is an account with this email address. Log in, then link this sign-in to it.' });
export const EmailNotVerified = defineError({ code: 'EMAIL_NOT_VERIFIED', kind: 'forbidden', message: 'The provider does not vouch for an email address, so no account can be made from it. Log in, then link this sign-in.' });
export const IdentityTaken = defineError({ code: 'IDENTITY_TAKEN', kind: 'conflict', message: 'This account of the provider is linked to another user.' });
export const ProviderLinked = defineError({ code: 'PROVIDER_LINKED', kind: 'conflict', message: 'Another account of this provider is linked. Disconnect it first.' });
export const RefreshTokenMissing = defineError({ code: 'REFRESH_TOKEN_MISSING', kind: 'conflict', message: 'The provider gave no refresh token, or does not take it any more. Link the provider again.' });
