import { Conflict, QuotaExceeded, ValidationError } from '@proofpix/sdk';
import { fromBase64 } from '@proofpix/sdk/runtime';
import { Type } from 'typebox';
import type { PluginCall } from '../call.ts';
import { capabilityMissing } from '../capabilities.ts';
import type { Egress } from '../egress.ts';
import type { PluginSecrets } from '../plugin-secrets.ts';
import { hostCall } from './host-call.ts';
import { addStream, readable } from './streams.ts';

const Init = Type.Object(
  {
    method: Type.Optional(Type.String({ pattern: '^(GET|HEAD|POST|PUT|PATCH|DELETE)$' })),
    headers: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), Type.String({ maxLength: 8192, pattern: '^[\\x20-\\x7e]*$' }))),
    bodyBase64: Type.Union([Type.String(), Type.Null()]),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000 })),
    maxBytes: Type.Optional(Type.Integer({ minimum: 0, maximum: 33_554_432 })),
    redirects: Type.Optional(Type.Integer({ minimum: 0, maximum: 5 })),
  },
  { additionalProperties: false },
);

const placeholder = /\{\{secret:([A-Za-z0-9]{1,50})\}\}/g;

/** Replaces `{{secret:name}}` for the hosts that the manifest names for it, and refuses others. */
async function withSecrets(call: PluginCall, secrets: PluginSecrets, headers: Record<string, string>, url: URL): Promise<Record<string, string>> {
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(headers)) {
    let value = template;
    for (const [marker, secret] of template.matchAll(placeholder) as Iterable<[string, string]>) {
      const declared = Object.hasOwn(call.version.manifest.secrets, secret) ? call.version.manifest.secrets[secret] : undefined;
      if (declared === undefined || !declared.hosts.includes(url.hostname)) throw capabilityMissing(`secret ${secret} for ${url.hostname}`);
      value = value.replaceAll(marker, (await secrets.get(call, secret)) ?? '');
    }
    if (/[\r\n\0]/.test(value)) throw ValidationError({ message: `The header ${name} has control characters.` });
    filled[name] = value;
  }
  return filled;
}

/** Counts replies that are open per tenant and plugin. */
function connectionCounter() {
  const open = new Map<string, number>();
  return (call: PluginCall): (() => void) => {
    const pluginId = call.version.manifest.id;
    // a public route without a tenant counts for the deployment
    const key = `${call.tenantId ?? ''} ${pluginId}`;
    const count = open.get(key) ?? 0;
    const limit = call.version.limits.connections;
    if (count >= limit) throw QuotaExceeded({ message: `The plugin ${pluginId} has ${limit} connections open.`, details: { quota: 'connections', limit } });
    open.set(key, count + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    };
  };
}

/** `ctx.fetch`. */
export function fetchCalls({ egress, secrets }: { egress: Egress; secrets: PluginSecrets }) {
  const connect = connectionCounter();
  return {
    'fetch.open': hostCall(Type.Tuple([Type.String({ maxLength: 8192 }), Init]), null, async (call, [address, init]) => {
      const method = init.method ?? 'GET';
      const url = URL.parse(address);
      if (url === null) throw ValidationError({ message: 'The address is not a URL.' });
      const permit = (verb: string, target: URL): void => {
        if (!call.grants.mayFetch(verb, target)) throw capabilityMissing(`net:${verb} ${target.origin}${target.pathname}`);
      };
      permit(method, url);
      if (call.transaction !== null) throw Conflict({ message: 'ctx.fetch is refused inside a transaction: it would hold locks while a stranger answers.' });
      const disconnect = connect(call);
      try {
        const reply = await egress.fetch({
          url,
          method,
          body: init.bodyBase64 === null ? null : fromBase64(init.bodyBase64),
          timeoutMs: Math.min(init.timeoutMs ?? 10_000, Math.max(1, call.deadline - Date.now())),
          maxBytes: init.maxBytes ?? 1_048_576,
          redirects: init.redirects ?? 0,
          signal: call.signal,
          permit,
          headersFor: (target) => withSecrets(call, secrets, init.headers ?? {}, target),
        });
        const close = async (): Promise<void> => {
          disconnect();
          await reply.cancel();
        };
        return { status: reply.status, headers: reply.headers, stream: addStream(call, readable(reply.body, close)) };
      } catch (error) {
        disconnect();
        throw error;
      }
    }),
  };
}
