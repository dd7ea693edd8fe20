import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Conflict, defineError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { Logger } from '../../log.ts';
import type { Vault } from '../../storage/contract.ts';
import type { RequestScope } from '../contract.ts';
import { invalid } from '../errors/validation-error.ts';
import { type BodyHash, watchBody } from './body-hash.ts';
import type { Idempotency } from './contract.ts';
import { openReply, replay, sealReply } from './kept-reply.ts';
import { captureReply, type CapturedReply } from './reply-capture.ts';
import { createIdempotencyStore } from './store.ts';

export const IdempotencyKeyReused = defineError({ code: 'IDEMPOTENCY_KEY_REUSED', kind: 'conflict', message: 'This Idempotency-Key was used for another body.' });
export const IdempotentReplyNotKept = defineError({ code: 'IDEMPOTENT_REPLY_NOT_KEPT', kind: 'conflict', message: 'The request was carried out before; its reply was too large to keep.' });

export interface IdempotencyOptions {
  /** How long a reply is kept; default 24 h. */
  keepMs: number;
  /** How long a dead node's attempt blocks its key; renewed while the request runs. */
  leaseMs: number;
  /** How long the same request waits for the one under way. */
  waitMs: number;
  pollMs: number;
  sweepMs: number;
}

const defaults: IdempotencyOptions = { keepMs: 86_400_000, leaseMs: 60_000, waitMs: 3_000, pollMs: 100, sweepMs: 600_000 };

/** A longer reply is carried out once all the same, but cannot be given again. */
const keptBytes = 262_144;
const keyPattern = /^[\x21-\x7e]{1,255}$/;

function callerOf(scope: RequestScope): string {
  if (scope.identity === null) return scope.link === null ? `address ${scope.ip}` : `link ${scope.link.purpose} ${scope.link.id}`;
  const { kind, userId, credentialId } = scope.identity.principal;
  return kind === 'api-key' ? `key ${credentialId}` : `${kind} ${userId}`;
}

/** A failed attempt may be repeated under its key; only what was carried out is kept. */
const isCarriedOut = (reply: CapturedReply): boolean => reply.status >= 200 && reply.status < 400;

/** Idempotency of POST, shared by all nodes through the database. `close` ends its housekeeping. */
export function createIdempotency(deps: { database: Pick<Database, 'system'>; vault: Pick<Vault, 'seal' | 'open'>; log: Logger }, given: Partial<IdempotencyOptions> = {}): Idempotency & { close(): void } {
  const options = { ...defaults, ...given };
  const { vault, log } = deps;
  const store = createIdempotencyStore(deps.database, options);
  const bodies = new WeakMap<IncomingMessage, BodyHash>();
  const warn = (message: string) => (error: unknown) => log.warn({ err: error }, message);
  const sweeper = setInterval(() => void store.sweep().catch(warn('expired idempotency records stay for now')), options.sweepMs);
  sweeper.unref();

  /** Holds the lease until the reply is complete, then keeps the reply or forgets the attempt. */
  function run(id: string, owner: string, body: BodyHash, response: Parameters<typeof captureReply>[0]): void {
    const renewal = setInterval(() => void store.renew(id, owner).catch(warn('an idempotency lease was not renewed')), options.leaseMs / 3);
    renewal.unref();
    // when the client has left, the work may go on; if it ends without a reply, the lease runs out
    response.once('close', () => clearInterval(renewal));
    captureReply(response, keptBytes, async (reply) => {
      clearInterval(renewal);
      const bodyHash = body.current();
      try {
        if (!isCarriedOut(reply) || bodyHash === null) await store.release(id, owner);
        else await store.finish(id, owner, bodyHash, reply.body === null ? null : await sealReply(vault, id, { ...reply, body: reply.body }));
      } catch (error) {
        warn('a reply could not be kept for its Idempotency-Key')(error);
      }
    });
  }

  return {
    watch(request) {
      if (request.method === 'POST' && request.headers['idempotency-key'] !== undefined) bodies.set(request.raw, watchBody(request.raw));
    },
    async begin(request, reply, route) {
      const body = bodies.get(request.raw);
      if (body === undefined) return;
      const key = request.headers['idempotency-key'];
      if (typeof key !== 'string' || !keyPattern.test(key)) throw invalid('headers.idempotency-key', 'must be 1 to 255 printable ASCII characters without spaces');
      const { scope } = request;
      const id = createHash('sha256').update(JSON.stringify([callerOf(scope), scope.tenantId, request.method, route, key])).digest('hex');
      const owner = randomUUID();
      const giveUpAt = Date.now() + options.waitMs;
      let claim = await store.claim(id, owner);
      while (claim.state === 'running') {
        if (Date.now() >= giveUpAt) throw Conflict({ message: 'A request with this Idempotency-Key is under way.', details: { field: 'headers.idempotency-key', issue: 'is in use by a request under way' } });
        await delay(options.pollMs);
        claim = await store.claim(id, owner);
      }
      if (claim.state === 'claimed') return run(id, owner, body, reply.raw);
      if ((await body.whole()) !== claim.bodyHash) throw IdempotencyKeyReused({ details: { field: 'headers.idempotency-key', issue: 'was used for another body' } });
      if (claim.state === 'not-kept') throw IdempotentReplyNotKept();
      replay(reply, await openReply(vault, id, claim.reply));
    },
    close: () => clearInterval(sweeper),
  };
}
