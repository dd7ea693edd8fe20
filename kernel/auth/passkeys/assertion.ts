import type { EntityManager } from '@mikro-orm/postgresql';
import { Unauthorized } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Auth } from '../contract.ts';
import type { TellOwner } from '../factor-notices.ts';
import type { OneTimeTokens } from '../one-time-tokens.ts';
import { type CallerOf, tenantFor } from '../sign-in.ts';
import { userById, type UserRecord } from '../users.ts';
import type { GivenAssertion } from './ceremonies.ts';
import { ceremonies } from './open-ceremonies.ts';
import type { RelyingParty } from './relying-party.ts';
import { userHandleOf } from './user-handle.ts';

export type { GivenAssertion } from './ceremonies.ts';

export interface AssertionCheck {
  /**
   * Runs `then` when a passkey of an active user answered a challenge of ours, in the transaction that notes its use.
   * A challenge is spent by the first answer to it, right or wrong.
   *
   * A counter that did not rise means that a copy of the key exists: refused, told in the audit log
   * (`auth.passkey-counter-refused`) and to the owner.
   *
   * @param expectedUserId - whose it must be; null when it says itself who signs in
   * @param refused - told before the error, but for a counter that did not rise
   * @throws UNAUTHORIZED, the same for everything that can be wrong
   */
  spend<T>(given: GivenAssertion, expectedUserId: string | null, caller: CallerOf, then: (em: EntityManager, user: UserRecord) => Promise<T>, refused?: () => Promise<void>): Promise<T>;
}

export interface AssertionCheckOptions {
  database: Database;
  oneTime: OneTimeTokens;
  party: RelyingParty;
  audit: Auth['audit'];
  tell: TellOwner;
}

interface Stored {
  userId: string;
  publicKey: Buffer;
}

const notAccepted = () => Unauthorized({ message: 'The passkey was not accepted.' });

/** Both zero: the key does not count (WebAuthn level 3, section 6.1.1). */
const isLater = (counter: number, before: number): boolean => counter > before || (counter === 0 && before === 0);

export function assertionCheck({ database, oneTime, party, audit, tell }: AssertionCheckOptions): AssertionCheck {
  async function verified(given: GivenAssertion, expectedUserId: string | null): Promise<{ userId: string; counter: number; backedUp: boolean } | null> {
    const { challengeOf, verifyAssertion } = await ceremonies();
    const challenge = challengeOf(given.response.clientDataJSON);
    if (challenge === null) return null;
    const stored = await database.system(async (em) => {
      if ((await oneTime.take(em, 'passkey-login', challenge)) === null) return null;
      const [row] = await statement<Stored>(em, 'select user_id as "userId", public_key as "publicKey" from kernel.passkeys where id = $1', [given.id]);
      return row ?? null;
    });
    if (stored === null || (expectedUserId !== null && stored.userId !== expectedUserId)) return null;
    // who signs in is what the key says, so it must say it; after a password it may stay silent, but not say another
    const handle = given.response.userHandle ?? null;
    if (handle === null ? expectedUserId === null : handle !== userHandleOf(stored.userId)) return null;
    const sound = await verifyAssertion(party, challenge, given, stored.publicKey);
    return sound === null ? null : { userId: stored.userId, ...sound };
  }

  async function recordCopy(userId: string, passkeyId: string, counter: number, caller: CallerOf): Promise<void> {
    await database.system(async (em) => {
      const user = await userById(em, userId);
      const [passkey] = await statement<{ name: string }>(em, 'select name from kernel.passkeys where id = $1', [passkeyId]);
      if (user === null || passkey === undefined) return;
      const actor = { kind: 'user' as const, userId, credentialId: null, operator: user.operator };
      await audit({ tenantId: await tenantFor(em, userId, null), actor, action: 'auth.passkey-counter-refused', target: userId, details: { address: caller.address, passkeyId, counter }, requestId: caller.requestId }, em);
      await tell(em, user, { kind: 'passkey-counter-refused', name: passkey.name });
    });
  }

  return {
    async spend(given, expectedUserId, caller, then, refused) {
      const sound = await verified(given, expectedUserId);
      if (sound === null) {
        await refused?.();
        throw notAccepted();
      }
      const outcome = await database.system(async (em) => {
        const [row] = await statement<{ counter: number }>(em, 'select counter::float8 as counter from kernel.passkeys where id = $1 and user_id = $2 for update', [given.id, sound.userId]);
        const user = await userById(em, sound.userId);
        if (row === undefined || user === null || user.status !== 'active') return 'gone';
        if (!isLater(sound.counter, row.counter)) return 'copied';
        await statement(em, 'update kernel.passkeys set counter = $2, backed_up = $3, last_used_at = now() where id = $1', [given.id, sound.counter, sound.backedUp]);
        return { value: await then(em, user) };
      });
      if (outcome === 'copied') await recordCopy(sound.userId, given.id, sound.counter, caller);
      if (typeof outcome === 'string') throw notAccepted();
      return outcome.value;
    },
  };
}
