import { createRequire } from 'node:module';

interface Result {
  non2xx: number;
  errors: number;
  duration: number;
  requests: { total: number };
  latency: { p99: number };
}

interface Options {
  url: string;
  connections: number;
  duration: number;
  headers: Record<string, string>;
}

// the package has no types
const autocannon = createRequire(import.meta.url)('autocannon') as (options: Options) => Promise<Result>;

export interface Load {
  total: number;
  perSecond: number;
  /** Refused, broken or late. */
  failed: number;
  p99Ms: number;
}

/** GET requests over 50 connections, each asking again as soon as it was answered. */
export const load = (url: string, token: string, seconds: number): Promise<Load> => loadWith(url, { authorization: `Bearer ${token}` }, seconds);

export async function loadWith(url: string, headers: Record<string, string>, seconds: number): Promise<Load> {
  const { requests, duration, non2xx, errors, latency } = await autocannon({ url, connections: 50, duration: seconds, headers });
  return { total: requests.total, perSecond: requests.total / duration, failed: non2xx + errors, p99Ms: latency.p99 };
}

/** As {@link load}. @throws Error when a request failed: figures of a server that refuses say nothing */
export async function cleanLoad(url: string, token: string, seconds: number): Promise<Load> {
  const made = await load(url, token, seconds);
  if (made.failed > 0) throw new Error(`${url}: ${made.failed} requests failed`);
  return made;
}
