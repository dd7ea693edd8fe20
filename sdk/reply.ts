import type { Json } from './json.ts';

const replies = new WeakSet<Reply>();

/** A reply that is more than a JSON body with the route's own status. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  json?: Json;
  text?: string;
  bytes?: Uint8Array;
  file?: { id: string; filename?: string; inline?: boolean; mimeType?: string };
}

/**
 * Answers with a status, headers, text, bytes (1 MiB at most) or a file, which the host streams
 * with ranges and ETag. Return it from a route handler.
 */
export function reply(init: Reply): Reply {
  const made = { ...init };
  replies.add(made);
  return made;
}

/** Tells a {@link reply} from a plain JSON body that happens to look like one. */
export function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && replies.has(value as Reply);
}
