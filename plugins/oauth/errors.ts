import { defineError } from '@proofpix/sdk';

/** 404 for a provider that nobody knows; `details.provider`. */
export const ProviderUnknown = defineError({ code: 'PROVIDER_UNKNOWN', kind: 'not-found', message: 'There is no such provider here.' });
/** 503 for one that is known, but that the operator has not registered a client with; `details.provider`. */
export const ProviderNotConfigured = defineError({ code: 'PROVIDER_NOT_CONFIGURED', kind: 'unavailable', message: 'This provider is not set up here.' });
/** The person, or the provider for them, said no; `details.reason` is the provider's error code (RFC 6749, section 4.1.2.1). */
export const ProviderDenied = defineError({ code: 'PROVIDER_DENIED', kind: 'forbidden', message: 'The provider did not grant the sign-in.' });
/** The provider does not take a code or token; `details.reason` is its error code (RFC 6749, section 5.2). */
export const ProviderRefused = defineError({ code: 'PROVIDER_REFUSED', kind: 'forbidden', message: 'The provider did not accept the request.' });
/** What came from the provider, or in its name, failed a check; `details.reason` says which. */
export const ProviderResponseInvalid = defineError({ code: 'PROVIDER_RESPONSE_INVALID', kind: 'forbidden', message: 'The provider’s answer is not valid.' });
/** The answer of one provider came with the state of another's sign-in (RFC 9700, section 4.4). */
export const ProviderMismatch = defineError({ code: 'PROVIDER_MISMATCH', kind: 'forbidden', message: 'This sign-in was begun with another provider.' });
/** As the kernel's: a browser that did not begin a sign-in learns no more about it. */
export const SignInFlowInvalid = defineError({ code: 'SIGN_IN_FLOW_INVALID', kind: 'forbidden', message: 'This sign-in was not begun here, has been used, or took too long. Begin again.' });
