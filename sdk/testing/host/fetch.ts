import type { FetchInit } from '../../context.ts';
import { Conflict, defineError, PayloadTooLarge, PluginError, ValidationError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { fromBase64, toBytes } from '../../runtime/encoding.ts';
import { capabilityMissing } from '../../runtime/capabilities.ts';
import type { OutboundReply } from '../options.ts';
import type { HarnessCall, HarnessState } from '../state.ts';
import { addStream, readable } from './files.ts';

export const EgressFailed = defineError({ code: 'EGRESS_FAILED', kind: 'unavailable', message: 'The address could not be reached.' });

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function bodyOf(reply: OutboundReply): Uint8Array {
  if (reply.json !== undefined) return toBytes(JSON.stringify(reply.json));
  return toBytes(reply.body ?? '');
}

/** `ctx.fetch`, answered by the test. Grants, secrets, redirects and sizes are judged as the host does; addresses are not resolved. */
export function fetchCalls(state: HarnessState) {
  const { manifest } = state.plugin;

  function withSecrets(headers: Record<string, string>, url: URL): Record<string, string> {
    const filled: Record<string, string> = {};
    for (const [name, template] of Object.entries(headers)) {
      filled[name.toLowerCase()] = template.replaceAll(/\{\{secret:([A-Za-z0-9]{1,50})\}\}/g, (_marker, secret: string) => {
        const declared = Object.hasOwn(manifest.secrets, secret) ? manifest.secrets[secret] : undefined;
        if (declared === undefined || !declared.hosts.includes(url.hostname)) throw capabilityMissing(`secret ${secret} for ${url.hostname}`);
        return state.secrets.get(secret) ?? '';
      });
    }
    return filled;
  }

  function permitted(method: string, url: URL): void {
    if (!state.grants.mayFetch(method, url)) throw capabilityMissing(`net:${method} ${url.origin}${url.pathname}`);
  }

  async function answer(method: string, url: URL, init: FetchInit, body: Uint8Array | null): Promise<OutboundReply> {
    const headers = withSecrets(init.headers ?? {}, url);
    if (state.options.fetch === undefined) throw EgressFailed({ message: `The test gives the harness no option \`fetch\` to answer ${method} ${url.href}.` });
    try {
      const reply = await state.options.fetch({ method, url, headers, body }, init);
      const given = reply.headers ?? (reply.json === undefined ? {} : { 'content-type': 'application/json' });
      return { ...reply, headers: Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value])) };
    } catch (error) {
      throw error instanceof PluginError ? error : EgressFailed({ cause: error });
    }
  }

  return {
    'fetch.open': async (call: HarnessCall, [address, given]: readonly Json[]) => {
      const { bodyBase64, ...init } = given as unknown as FetchInit & { bodyBase64: string | null };
      let method = init.method ?? 'GET';
      if (!methods.has(method)) throw ValidationError({ message: `method: must be one of ${[...methods].join(', ')}`, details: { field: 'method', issue: 'is not a method' } });
      let url = URL.parse(address as string);
      if (url === null) throw ValidationError({ message: 'The address is not a URL.' });
      let body = bodyBase64 === null ? null : fromBase64(bodyBase64);
      permitted(method, url);
      if (call.transaction !== null) throw Conflict({ message: 'ctx.fetch is refused inside a transaction: it would hold locks while a stranger answers.' });
      let reply = await answer(method, url, init, body);
      for (let followed = 0; redirectStatuses.has(reply.status ?? 200) && followed < (init.redirects ?? 0); followed++) {
        const next = URL.parse(reply.headers?.location ?? '', url.href);
        if (next === null) break;
        if (reply.status === 303 || (method === 'POST' && (reply.status === 301 || reply.status === 302))) [method, body] = ['GET', null];
        permitted(method, next);
        url = next;
        reply = await answer(method, url, init, body);
      }
      const bytes = bodyOf(reply);
      if (bytes.length > (init.maxBytes ?? 1_048_576)) throw PayloadTooLarge({ message: `The reply is larger than ${init.maxBytes ?? 1_048_576} bytes.` });
      return { status: reply.status ?? 200, headers: reply.headers ?? {}, stream: addStream(call, readable(bytes)) };
    },
  };
}
