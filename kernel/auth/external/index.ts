export { externalIdentities, type ExternalIdentities, type ExternalProfile } from './external-identities.ts';
export { tokenStore, type ProviderTokens, type TokenStore } from './provider-tokens.ts';
export { signInFlows, type NewFlow, type SignInFlows } from './sign-in-flows.ts';
