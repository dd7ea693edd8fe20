import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/index.ts';
import { statement, statementCount } from '../database/statement.ts';
import type { Vault } from '../storage/contract.ts';
import type { OutgoingMail } from './contract.ts';
import { requireMessage } from './message.ts';

const day = 86_400_000;
const usefulForMs = { usual: 7 * day, most: 30 * day };
const keptDays = 30;

/** What a mail says, as it is sealed. */
export interface MailBody {
  text: string;
  html: string | null;
}

/** A mail that this node may hand over until its claim ends. */
export interface ClaimedMail {
  id: string;
  recipient: string;
  subject: string;
  purpose: string;
  attempts: number;
  bodySealed: Buffer;
}

/** The table of mails. */
export interface MailOutbox {
  /** In the caller's transaction. `state` is `queued`, or `held` when nobody could send it. */
  add(em: EntityManager, mail: OutgoingMail, state: 'queued' | 'held'): Promise<{ id: string; isNew: boolean }>;
  open(id: string, sealed: Buffer): Promise<MailBody>;
  /** Takes due mail, mail about accounts first, at most `most`; nobody else takes it for `claimMs`. Each claim counts as an attempt. */
  claim(most: number, claimMs: number): Promise<ClaimedMail[]>;
  sent(id: string): Promise<void>;
  /** Tries again after `delayMs`; null gives up. */
  failed(id: string, problem: string, delayMs: number | null): Promise<void>;
  /** Queues held mail that is still of use: a transport is configured now. */
  release(): Promise<number>;
  /** Gives up what outlived its use, without its body, and removes what is older than 30 days. */
  sweep(): Promise<void>;
}

const sealContext = (id: string): string => `mail ${id}`;

export function mailOutbox({ database, vault }: { database: Pick<Database, 'system'>; vault: Vault }): MailOutbox {
  return {
    async add(em, mail, state) {
      requireMessage(mail);
      const id = mail.id ?? randomUUID();
      const body: MailBody = { text: mail.text, html: mail.html ?? null };
      const sealed = Buffer.from(await vault.seal(Buffer.from(JSON.stringify(body)), sealContext(id)));
      const lifeMs = Math.min(mail.usefulForMs ?? usefulForMs.usual, usefulForMs.most);
      const added = await statementCount(
        em,
        `insert into kernel.mails (id, tenant_id, recipient, subject, body_sealed, purpose, state, next_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, now(), now() + $8::double precision * interval '1 millisecond') on conflict (id) do nothing`,
        [id, mail.tenantId, mail.recipient, mail.subject, sealed, mail.purpose, state, lifeMs],
      );
      return { id, isNew: added > 0 };
    },
    async open(id, sealed) {
      return JSON.parse(Buffer.from(await vault.open(sealed, sealContext(id))).toString('utf8')) as MailBody;
    },
    claim: (most, claimMs) =>
      database.system((em) =>
        statement<ClaimedMail>(
          em,
          `update kernel.mails set claimed_until = now() + $2::double precision * interval '1 millisecond', attempts = attempts + 1
           where id in (
             select id from kernel.mails where state = 'queued' and next_at <= now() and expires_at > now() and body_sealed is not null and (claimed_until is null or claimed_until <= now())
             order by tenant_id is not null, next_at limit $1 for update skip locked)
           returning id, recipient, subject, purpose, attempts, body_sealed as "bodySealed"`,
          [most, claimMs],
        )),
    async sent(id) {
      await database.system((em) => statement(em, `update kernel.mails set state = 'sent', sent_at = now(), body_sealed = null, claimed_until = null, last_error = null where id = $1`, [id]));
    },
    async failed(id, problem, delayMs) {
      await database.system((em) =>
        statement(
          em,
          `update kernel.mails set state = case when $3::double precision is null then 'failed' else 'queued' end, last_error = $2, claimed_until = null,
             next_at = now() + coalesce($3::double precision, 0) * interval '1 millisecond'
           where id = $1 and state = 'queued'`,
          [id, problem, delayMs],
        ));
    },
    release: () => database.system((em) => statementCount(em, `update kernel.mails set state = 'queued', next_at = now() where state = 'held' and expires_at > now()`)),
    async sweep() {
      await database.system(async (em) => {
        await statement(em, `update kernel.mails set state = 'failed', last_error = coalesce(last_error, 'It was of no use any more.'), claimed_until = null where state = 'queued' and expires_at <= now()`);
        await statement(em, `update kernel.mails set body_sealed = null where expires_at <= now() and body_sealed is not null`);
        await statement(em, `delete from kernel.mails where created_at < now() - interval '${keptDays} days'`);
      });
    },
  };
}
