import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

export interface CapturedReply {
  status: number;
  headers: Record<string, string>;
  /** Null when it was larger than may be kept. */
  body: Buffer | null;
}

/** Of this one exchange, or set anew for every reply. */
const passing = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date', 'content-length', 'vary', 'x-request-id', 'content-security-policy', 'x-content-type-options', 'x-frame-options', 'referrer-policy', 'strict-transport-security']);
const passingPrefix = /^(?:access-control-|cross-origin-|x-ratelimit-)/;

function lasting(all: OutgoingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [given, value] of Object.entries(all)) {
    const name = given.toLowerCase();
    if (value !== undefined && !passing.has(name) && !passingPrefix.test(name)) kept[name] = String(value);
  }
  return kept;
}

/**
 * Sees a reply as it is written. The end of it waits for `settle`, so that a client never holds a reply
 * that was not kept: if the node dies in between, it was neither sent nor kept.
 */
export function captureReply(response: ServerResponse, maxBytes: number, settle: (reply: CapturedReply) => Promise<void>): void {
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  const chunks: Buffer[] = [];
  let size = 0;
  let given: OutgoingHttpHeaders = {};
  let ended = false;

  const collect = (chunk: unknown, encoding: unknown): void => {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8') : Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size <= maxBytes) chunks.push(bytes);
    else chunks.length = 0;
  };

  response.writeHead = ((...args: unknown[]) => {
    const headers = args.at(-1);
    if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) given = headers as OutgoingHttpHeaders;
    return writeHead(...args);
  }) as typeof response.writeHead;

  response.write = ((...args: unknown[]) => {
    collect(args[0], args[1]);
    return write(...args);
  }) as typeof response.write;

  response.end = ((...args: unknown[]) => {
    if (ended) return end(...args);
    ended = true;
    collect(args[0], args[1]);
    const reply: CapturedReply = { status: response.statusCode, headers: lasting({ ...response.getHeaders(), ...given }), body: size <= maxBytes ? Buffer.concat(chunks) : null };
    void settle(reply).finally(() => end(...args));
    return response;
  }) as typeof response.end;
}
