import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const sane = /^[A-Za-z0-9._:-]{8,64}$/;
const node = randomBytes(8).toString('hex');
let count = 0;

/** Unique among all nodes: a random part per process and a counter. */
export function newRequestId(): string {
  count += 1;
  return `${node}-${count.toString(36)}`;
}

/** The caller's `X-Request-Id` when it is one, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && sane.test(given) ? given : newRequestId();
}
