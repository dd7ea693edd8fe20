import type { RateLimitOptions } from './rate-limit.ts';

export interface ServerOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Which proxies to believe about the client's address: false, true, hop count, or addresses and ranges. */
  trustProxy: boolean | number | string | string[];
  /** Origins that browsers may call from; `*` for any. */
  corsOrigins: readonly string[];
  ipAllow: readonly string[];
  ipDeny: readonly string[];
  /** PEM texts. TLS 1.3 and nothing older. */
  tls: { cert: string; key: string } | null;
  /** Where clients reach the deployment; https here means that a proxy ends TLS. */
  publicUrl: string | null;
  redisUrl: string | null;
  rateLimit: RateLimitOptions;
  limits: HttpLimits;
  accessLog: boolean;
}

export interface HttpLimits {
  /** Of a kernel route's body, unless the route says otherwise. */
  bodyBytes: number;
  headerBytes: number;
  /** Of one decoded path parameter. */
  paramLength: number;
  /** Until the last header. */
  headersTimeoutMs: number;
  /** Until the last byte of the body. */
  requestTimeoutMs: number;
  /** Of an idle connection between requests. */
  keepAliveTimeoutMs: number;
  /** Without a byte either way during a request. */
  idleTimeoutMs: number;
  /** How often the first two are looked at. */
  checkIntervalMs: number;
  authTimeoutMs: number;
}

export const defaultLimits: HttpLimits = {
  bodyBytes: 1_048_576,
  headerBytes: 16_384,
  paramLength: 512,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 600_000,
  keepAliveTimeoutMs: 10_000,
  idleTimeoutMs: 120_000,
  checkIntervalMs: 5_000,
  authTimeoutMs: 5_000,
};

export const defaultServerOptions: ServerOptions = {
  host: '127.0.0.1',
  port: 3000,
  trustProxy: false,
  corsOrigins: [],
  ipAllow: [],
  ipDeny: [],
  tls: null,
  publicUrl: null,
  redisUrl: null,
  rateLimit: { windowMs: 60_000, perPrincipal: 3_000, perAddress: 600 },
  limits: defaultLimits,
  accessLog: true,
};
