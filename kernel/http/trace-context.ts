import { randomHex } from '../random-hex.ts';

/** W3C Trace Context, level 1, section 3.2: version 00 or a later one read as 00. */
const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);

export interface TraceContext {
  /** 32 hex digits. */
  traceId: string;
  /** The caller's span, 16 hex digits; null when the trace begins here. */
  parentSpanId: string | null;
  sampled: boolean;
}

/** The caller's trace, or a new one when the header is absent or malformed. */
export function traceContextOf(header: string | string[] | undefined): TraceContext {
  const match = typeof header === 'string' ? traceparent.exec(header) : null;
  if (match === null || match[1] === noTrace || match[2] === noSpan) return { traceId: randomHex(16), parentSpanId: null, sampled: true };
  return { traceId: match[1] ?? '', parentSpanId: match[2] ?? '', sampled: (Number.parseInt(match[3] ?? '0', 16) & 1) === 1 };
}
