import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonObject } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { Identity } from '../contract.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import { hasJustLoggedIn, requireOwner } from '../owner.ts';
import { ConfirmationRequired } from '../people/confirm-owner.ts';
import { SignInFlowInvalid } from './errors.ts';

const lifeSeconds = 600;
/** how often a browser may come back with one state before it is used up */
const maxPeeks = 10;

export interface NewFlow {
  provider: string;
  mode: 'sign-in' | 'link';
  /** which browser begins it; null for a client that is none */
  browser: string | null;
  redirectTo: string | null;
  data: JsonObject;
}

export type Flow = Pick<NewFlow, 'provider' | 'mode' | 'redirectTo' | 'data'>;

/**
 * Flows that leave for a provider and come back. The state is single use and of no use alone: to finish a
 * sign-in one must be the browser that began it or hold its flow token, else whoever is lured to a ready
 * callback would be logged in as the attacker (RFC 9700, section 4.7). A link must end in the session that
 * began it.
 */
export interface SignInFlows {
  /**
   * @throws UNAUTHORIZED, FORBIDDEN for a link by nobody, a key, or whoever acts for somebody else; CONFIRMATION_REQUIRED
   *   for one in an older session, which may be stolen: a link is a way in that stays
   */
  begin(identity: Identity | null, flow: NewFlow): Promise<{ state: string; flowToken: string; expiresInSeconds: number }>;
  peek(given: { state: string; browser: string | null }): Promise<Pick<NewFlow, 'provider' | 'mode' | 'redirectTo'> | null>;
  /** @throws SIGN_IN_FLOW_INVALID; UNAUTHORIZED and FORBIDDEN for a link as in {@link begin} */
  take(identity: Identity | null, given: { state: string; flowToken: string | null; browser: string | null }): Promise<Flow>;
}

interface Sealed extends NewFlow {
  flowHash: string;
  sessionId: string | null;
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64url');
const isEqual = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

export function signInFlows({ database, oneTime }: { database: Database; oneTime: OneTimeTokens }): SignInFlows {
  const isBrowser = (flow: Sealed, browser: string | null): boolean => flow.browser !== null && browser !== null && isEqual(flow.browser, browser);

  function requireOwn(flow: Sealed, userId: string | null, identity: Identity | null, given: { flowToken: string | null; browser: string | null }): void {
    if (flow.mode === 'link') {
      const owner = requireOwner(identity);
      if (owner.userId !== userId || owner.sessionId !== flow.sessionId) throw SignInFlowInvalid();
    } else if (!isBrowser(flow, given.browser) && (given.flowToken === null || !isEqual(digest(given.flowToken), flow.flowHash))) throw SignInFlowInvalid();
  }

  return {
    async begin(identity, flow) {
      const owner = flow.mode === 'link' ? requireOwner(identity) : null;
      const flowToken = randomBytes(32).toString('base64url');
      const data = { ...flow, flowHash: digest(flowToken), sessionId: owner?.sessionId ?? null };
      // somebody may link in two tabs: neither ends the other
      const state = await database.system(async (em) => {
        if (owner !== null && !(await hasJustLoggedIn(em, owner))) throw ConfirmationRequired({ message: 'Log in again, then link within five minutes.' });
        return oneTime.issue(em, { purpose: 'sign-in-flow', userId: owner?.userId ?? null, data, lifeMs: lifeSeconds * 1000, replaces: false });
      });
      return { state, flowToken, expiresInSeconds: lifeSeconds };
    },
    async peek({ state, browser }) {
      const seen = await database.system((em) => oneTime.attempt(em, 'sign-in-flow', state, maxPeeks));
      const flow = seen?.data as unknown as Sealed | undefined;
      return flow === undefined || !isBrowser(flow, browser) ? null : { provider: flow.provider, mode: flow.mode, redirectTo: flow.redirectTo };
    },
    take: (identity, given) =>
      database.system(async (em: EntityManager) => {
        const taken = await oneTime.take(em, 'sign-in-flow', given.state);
        if (taken === null || taken.data === null) throw SignInFlowInvalid();
        const flow = taken.data as unknown as Sealed;
        // thrown inside, so that a stranger's try does not use it up
        requireOwn(flow, taken.userId, identity, given);
        return { provider: flow.provider, mode: flow.mode, redirectTo: flow.redirectTo, data: flow.data };
      }),
  };
}
