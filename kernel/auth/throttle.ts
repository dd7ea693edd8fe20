import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import ipaddr from 'ipaddr.js';
import { RateLimitExceeded } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement, statementCount } from '../database/statement.ts';

/** After `free` failures each further one closes the door for 1, 2, 4, … seconds, `longestSeconds` at the most. */
export interface ThrottleRule {
  free: number;
  longestSeconds: number;
}

export interface ThrottleRules {
  account: ThrottleRule;
  /** an IPv4 address, or the /64 of an IPv6 one */
  address: ThrottleRule;
  /** mail of one purpose to one address that anybody can ask for */
  mail: ThrottleRule;
}

export const defaultThrottleRules: ThrottleRules = { account: { free: 5, longestSeconds: 900 }, address: { free: 20, longestSeconds: 900 }, mail: { free: 5, longestSeconds: 3600 } };

export interface Attempt {
  /** takes the attempt back: it was no guess */
  succeeded(): Promise<void>;
  /** failures in a row, this one counted */
  failures: number;
}

/** Slows guessing down, per account and per address, across nodes and restarts. */
export interface Throttle {
  /**
   * Counts the attempt as failed before it is made, so that attempts at once cannot slip through together.
   *
   * @param account - normalised email; one that does not exist is treated alike
   * @throws RATE_LIMIT_EXCEEDED while the door is closed
   */
  attempt(account: string, address: string): Promise<Attempt>;
  /** Whether one more mail may go to an address, in the caller's transaction; counts it when it may. Sent or not, the asker gets one answer. */
  mayMail(em: EntityManager, purpose: string, address: string): Promise<boolean>;
  /** Opens an account's door, in the caller's transaction: its owner has shown who they are. */
  forget(em: EntityManager, account: string): Promise<void>;
  /** Forgets what is older than a day. */
  sweep(): Promise<void>;
}

const memory = `interval '24 hours'`;
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Attackers own whole IPv6 networks, so the first 64 bits stand for the address. */
function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toByteArray().slice(0, 8).join('.');
}

/** Null while the door is closed. */
async function countOpen(em: EntityManager, key: string, rule: ThrottleRule): Promise<number | null> {
  const [row] = await statement<{ failures: number }>(
    em,
    `insert into kernel.login_throttles as t (key, failures, last_at) values ($1, 1, now())
     on conflict (key) do update set
       failures = case when t.last_at < now() - ${memory} then 1 else t.failures + 1 end,
       last_at = now(),
       locked_until = case when t.last_at >= now() - ${memory} and t.failures + 1 > $2
         then now() + least($3, power(2, least(t.failures - $2, 30))) * interval '1 second' end
     where t.locked_until is null or t.locked_until <= now()
     returning failures`,
    [key, rule.free, rule.longestSeconds],
  );
  return row?.failures ?? null;
}

async function count(em: EntityManager, key: string, rule: ThrottleRule): Promise<number> {
  const failures = await countOpen(em, key, rule);
  if (failures !== null) return failures;
  const [locked] = await statement<{ seconds: number }>(em, 'select ceil(extract(epoch from locked_until - now()))::int as seconds from kernel.login_throttles where key = $1', [key]);
  throw RateLimitExceeded({ message: 'Too many failed attempts. Try again later.', retryAfterSeconds: Math.max(1, locked?.seconds ?? 1) });
}

export function loginThrottle({ database, rules }: { database: Database; rules: ThrottleRules }): Throttle {
  return {
    async attempt(account, address) {
      const accountOf = `account ${digest(account)}`;
      const addressOf = `address ${digest(addressKey(address))}`;
      const failures = await database.system(async (em) => {
        await count(em, addressOf, rules.address);
        return count(em, accountOf, rules.account);
      });
      return {
        failures,
        async succeeded() {
          await database.system(async (em) => {
            await statement(em, 'update kernel.login_throttles set failures = greatest(failures - 1, 0), locked_until = null where key = $1', [addressOf]);
            await statement(em, 'delete from kernel.login_throttles where key = $1', [accountOf]);
          });
        },
      };
    },
    mayMail: async (em, purpose, address) => (await countOpen(em, `mail ${purpose} ${digest(address)}`, rules.mail)) !== null,
    async forget(em, account) {
      await statement(em, 'delete from kernel.login_throttles where key = $1', [`account ${digest(account)}`]);
    },
    async sweep() {
      await database.system((em) => statementCount(em, `delete from kernel.login_throttles where last_at < now() - ${memory}`));
    },
  };
}
