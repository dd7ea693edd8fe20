import type { CustomFetch } from 'openid-client';
import type { OauthContext } from '../kit.ts';

const timeoutMs = 8_000;
const maxBytes = 524_288;
const discoveryMs = 600_000;
/** Of providers' metadata; more than a deployment may have. */
const maxKept = 50;
const bodyless = new Set([204, 205, 304]);

interface Kept {
  text: string;
  headers: Record<string, string>;
  until: number;
}

/** Metadata changes about never and is asked for in every flow. Keys are not kept: a rotation takes effect at once. */
const kept = new Map<string, Kept>();

/** How a protocol library reaches a provider: by `ctx.fetch`, so that the host's rules for addresses hold. */
export interface ProviderFetch {
  fetch: CustomFetch;
  /** What kept the last exchange from taking place; the library hides it in errors of its own. */
  failure(): unknown;
}

/** What is no metadata is not kept: a page of some proxy would stay for ten minutes. */
function isMetadataText(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { issuer?: unknown } | null)?.issuer === 'string';
  } catch {
    return false;
  }
}

/** Metadata is cached by its address for ten minutes, by this process. */
export function providerFetch(ctx: Pick<OauthContext, 'fetch' | 'clock'>): ProviderFetch {
  let failure: unknown = null;

  async function exchange(url: string, options: Parameters<CustomFetch>[1]): Promise<{ status: number; headers: Record<string, string>; text: string }> {
    const { method, headers, body } = options;
    try {
      const reply = await ctx.fetch(url, { method, headers: { ...headers }, timeoutMs, maxBytes, ...(body == null ? {} : { body: String(body) }) });
      return { status: reply.status, headers: reply.headers, text: await reply.text() };
    } catch (error) {
      failure = error;
      throw error;
    }
  }

  return {
    async fetch(url, options) {
      const isMetadata = options.method === 'GET' && url.endsWith('/.well-known/openid-configuration');
      const known = isMetadata ? kept.get(url) : undefined;
      if (known !== undefined && known.until > ctx.clock.now()) return new Response(known.text, { status: 200, headers: known.headers });
      const { status, headers, text } = await exchange(url, options);
      if (isMetadata && status === 200 && isMetadataText(text)) {
        const [oldest] = kept.keys();
        if (kept.size >= maxKept && oldest !== undefined) kept.delete(oldest);
        kept.set(url, { text, headers, until: ctx.clock.now() + discoveryMs });
      }
      return new Response(bodyless.has(status) ? null : text, { status, headers });
    },
    failure: () => failure,
  };
}
