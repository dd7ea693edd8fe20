import { kernelSignIn } from '@proofpix/sdk';
import type { ExternalIdentities, ExternalProfile, NewFlow, ProviderTokens, SignInFlows, TokenStore } from '../../auth/external/index.ts';
import { selfOf } from '../../auth/people/actor.ts';
import { requireOwner } from '../../auth/owner.ts';
import type { PluginCall } from '../call.ts';
import type { KernelService } from '../services.ts';

export interface SignInServiceDeps {
  flows: SignInFlows;
  identities: ExternalIdentities;
  tokens: TokenStore;
}

/** `kernel.sign-in`: accounts elsewhere as a way in. Works without a tenant, too: somebody who signs in has none yet. */
export function signInService({ flows, identities, tokens: store }: SignInServiceDeps): KernelService {
  const ownerOf = (call: PluginCall) => requireOwner(call.identity);

  const methods = {
    begin: (call: PluginCall, flow: NewFlow) => flows.begin(call.identity, flow),
    peek: (_call: PluginCall, given: { state: string; browser: string | null }) => flows.peek(given),
    take: (call: PluginCall, given: { state: string; flowToken: string | null; browser: string | null }) => flows.take(call.identity, given),
    signIn: (call: PluginCall, { profile, tokens, userAgent }: { profile: ExternalProfile; tokens: ProviderTokens; userAgent: string | null }) =>
      identities.signIn(profile, tokens, { address: call.address ?? 'unknown', userAgent, requestId: call.requestId }),
    link: (call: PluginCall, { profile, tokens }: { profile: ExternalProfile; tokens: ProviderTokens }) => identities.link(ownerOf(call), profile, tokens, call.requestId),
    async connections(call: PluginCall) {
      return { items: await identities.list(selfOf(call)) };
    },
    tokens: async (call: PluginCall, { provider }: { provider: string }) => store.get(ownerOf(call).userId, provider),
    leaseTokens: async (call: PluginCall, { provider }: { provider: string }) => store.lease(ownerOf(call).userId, provider),
    storeTokens: async (call: PluginCall, { provider, leaseId, tokens }: { provider: string; leaseId: string; tokens: ProviderTokens }) => store.store(ownerOf(call).userId, provider, leaseId, tokens),
    releaseTokens: async (call: PluginCall, { provider, leaseId, isRefused }: { provider: string; leaseId: string; isRefused: boolean }) => store.release(ownerOf(call).userId, provider, leaseId, isRefused),
    unlink: async (call: PluginCall, { provider }: { provider: string }) => identities.unlink(ownerOf(call), provider, call.requestId),
  };
  return { ref: kernelSignIn, capability: 'kernel:sign-in', methods: methods as unknown as KernelService['methods'] };
}
