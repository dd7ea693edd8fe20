import { Conflict, NotFound, ValidationError } from '@proofpix/sdk';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import type { MailState } from './contract.ts';
import type { MailBody, MailOutbox } from './outbox.ts';

/** What became of a mail, without what it says. */
export interface MailRecord {
  id: string;
  tenantId: string | null;
  recipient: string;
  subject: string;
  purpose: string;
  state: MailState;
  attempts: number;
  lastError: string | null;
  /** RFC 3339, as are the others */
  createdAt: string;
  expiresAt: string;
  sentAt: string | null;
}

export interface MailQuery {
  state?: MailState;
  purpose?: string;
  /** 1 to 100 */
  limit: number;
  cursor?: string;
}

/** The outbox as operators see it. */
export interface MailLog {
  /** Newest first. @throws VALIDATION_ERROR for a cursor that is none */
  list(query: MailQuery): Promise<{ items: MailRecord[]; nextCursor: string | null }>;
  /** With its body while there is one: it may hold a token, so reading it is written down first. @throws NOT_FOUND */
  read(id: string, note: (em: EntityManager, mail: MailRecord) => Promise<void>): Promise<MailRecord & { body: MailBody | null }>;
  /** Queues a mail that failed or waits. @throws NOT_FOUND; CONFLICT when it was sent, is of no use any more, or nothing could send it */
  retry(id: string, note: (em: EntityManager, mail: MailRecord) => Promise<void>): Promise<MailRecord>;
}

const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = `id, tenant_id as "tenantId", recipient, subject, purpose, state, attempts, last_error as "lastError",
  ${moment('created_at')} as "createdAt", ${moment('expires_at')} as "expiresAt", ${moment('sent_at')} as "sentAt"`;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Microseconds since 1970 and an id: times of the database are finer than those of a reply. */
function parseCursor(cursor: string): { at: string; id: string } {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  if (!/^\d{1,17}$/.test(at) || !uuid.test(id)) throw ValidationError({ message: 'The cursor is not one of ours.', details: { field: 'query.cursor', issue: 'is not a cursor' } });
  return { at, id };
}

export function mailLog({ database, outbox, canSend, wake }: { database: Pick<Database, 'system'>; outbox: Pick<MailOutbox, 'open'>; canSend: boolean; wake(): void }): MailLog {
  async function find(em: EntityManager, id: string, extra = ''): Promise<(MailRecord & { bodySealed: Buffer | null }) | undefined> {
    const [row] = await statement<MailRecord & { bodySealed: Buffer | null }>(em, `select ${columns}, body_sealed as "bodySealed" from kernel.mails where id = $1 ${extra}`, [id]);
    return row;
  }
  const noSuchMail = () => NotFound({ message: 'There is no such mail.' });

  return {
    async list({ state, purpose, limit, cursor }) {
      const after = cursor === undefined ? null : parseCursor(cursor);
      const rows = await database.system((em) =>
        statement<MailRecord & { at: string }>(
          em,
          `select ${columns}, (extract(epoch from created_at) * 1000000)::bigint::text as at from kernel.mails
           where ($1::text is null or state = $1) and ($2::text is null or purpose = $2)
             and ($3::bigint is null or (created_at, id) < (timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4::uuid))
           order by created_at desc, id desc limit $5`,
          [state ?? null, purpose ?? null, after?.at ?? null, after?.id ?? null, limit + 1],
        ));
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((row) => {
          const { at: _, ...record } = row;
          return record;
        }),
        nextCursor: rows.length > limit && last !== undefined ? Buffer.from(`${last.at} ${last.id}`).toString('base64url') : null,
      };
    },
    async read(id, note) {
      const found = await database.system(async (em) => {
        const row = await find(em, id);
        if (row === undefined) throw noSuchMail();
        await note(em, row);
        return row;
      });
      const { bodySealed, ...record } = found;
      return { ...record, body: bodySealed === null ? null : await outbox.open(id, bodySealed) };
    },
    async retry(id, note) {
      const record = await database.system(async (em) => {
        const row = await find(em, id, 'for update');
        if (row === undefined) throw noSuchMail();
        if (!canSend) throw Conflict({ message: 'No mail server is configured: set SMTP_URL or SENDGRID_API_KEY.' });
        if (row.state === 'sent') throw Conflict({ message: 'The mail was sent.' });
        if (row.bodySealed === null || Date.parse(row.expiresAt) <= Date.now()) throw Conflict({ message: 'The mail is of no use any more.' });
        await statement(em, `update kernel.mails set state = 'queued', attempts = 0, next_at = now() where id = $1`, [id]);
        await note(em, row);
        const { bodySealed: _, ...rest } = row;
        return { ...rest, state: 'queued' as const, attempts: 0 };
      });
      wake();
      return record;
    },
  };
}
