import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity, KeyRequests } from '../auth/contract.ts';
import { signatureParts } from '../auth/keys/request-signing.ts';
import { expectBody } from './signed-body.ts';
import type { LiveScope } from './scope.ts';

/** What requests by API keys pass beside what all pass. */
export interface KeyGate {
  /** Has the request counted when it is answered, however. */
  watch(reply: FastifyReply, scope: LiveScope, identity: Identity): void;
  /**
   * Uses up the nonce of a signed request and holds its body to the signed digest.
   *
   * @throws UNAUTHORIZED
   */
  admit(request: FastifyRequest, identity: Identity): Promise<void>;
}

/** For servers without keys. */
export const noKeyRequests: KeyRequests = { spendNonce: () => Promise.reject(new Error('this server has no API keys')), count: () => undefined };

export function createKeyGate(requests: KeyRequests): KeyGate {
  return {
    watch({ raw }, scope, { tenantId, credentialId }) {
      if (tenantId === null || credentialId === null) return;
      // a client that left before its answer counts as an error
      raw.on('close', () => requests.count({ tenantId, keyId: credentialId, endpoint: scope.endpoint, isError: !raw.headersSent || raw.statusCode >= 400 }));
    },
    async admit({ method, raw }, { key, credentialId }) {
      if (key?.signs !== true || credentialId === null) return;
      const { nonce, digest } = signatureParts({ method, target: raw.url ?? '/', headers: raw.headers });
      expectBody(raw, digest);
      await requests.spendNonce(credentialId, nonce);
    },
  };
}
