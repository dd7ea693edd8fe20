import type { Database } from '../database/index.ts';
import { watchCommits } from '../events/after-commit.ts';
import type { Vault } from '../storage/contract.ts';
import type { Mail } from './contract.ts';
import { type MailLog, mailLog } from './mail-log.ts';
import { parseSender } from './message.ts';
import { mailOutbox } from './outbox.ts';
import { mailSender, type SenderTimes } from './sender.ts';
import { type MailServer, smtpTransport, type TransportOptions } from './transport.ts';

export interface MailOptions {
  database: Database;
  vault: Vault;
  /** null: mail is held for an operator */
  server: MailServer | null;
  /** MAIL_FROM; without it `no-reply@` the host of the public address */
  from?: string | undefined;
  /** how people reach the deployment; asked when a mail is written, for a node learns its own address late */
  publicUrl(): string;
  log: { info(message: string): void; warn(fields: object, message: string): void };
  times?: Partial<SenderTimes & Pick<TransportOptions, 'stepTimeoutMs' | 'timeoutMs'>>;
}

export interface OpenMail extends Mail {
  readonly log: MailLog;
  /** Also runs by itself every ten minutes. */
  sweep(): Promise<void>;
  /** Waits for what is on its way, 10 s at the most. */
  close(): Promise<void>;
}

const sweepMs = 600_000;
const closeMs = 10_000;

function defaultSender(publicUrl: string): string {
  const { hostname } = new URL(publicUrl);
  // an address literal is no domain that mail comes from
  return `ProofPix <no-reply@${/[a-z]/i.test(hostname) && hostname.includes('.') ? hostname : 'proofpix.invalid'}>`;
}

/**
 * The deployment's mail. Without a server nothing is sent and nothing is lost: it is held until an operator reads it,
 * or until there is a server.
 *
 * @throws Error naming MAIL_FROM or SMTP_URL
 */
export async function openMail(options: MailOptions): Promise<OpenMail> {
  const { database, vault, server, times = {}, log } = options;
  const from = options.from === undefined ? null : parseSender(options.from);
  const outbox = mailOutbox({ database, vault });
  const afterCommit = watchCommits(database.orm);
  const canSend = server !== null;
  if (canSend) await outbox.release();
  else log.info('no mail server is configured (SMTP_URL or SENDGRID_API_KEY): mail is held, and operators read it at /api/operations/mail');

  const sender = server === null ? null : mailSender({ outbox, transport: smtpTransport({ server, sender: from ?? parseSender(defaultSender(options.publicUrl())), ...times }), times, log });
  const wake = (): void => sender?.wake();

  async function sweep(): Promise<void> {
    await outbox.sweep();
    // a node without the setting may have held it meanwhile
    if (canSend && (await outbox.release()) > 0) wake();
  }
  const timer = setInterval(() => void sweep().catch((error: unknown) => log.warn({ err: error }, 'old mail could not be removed and is tried again')), sweepMs).unref();

  return {
    canSend,
    async send(em, mail) {
      const added = await outbox.add(em, mail, canSend ? 'queued' : 'held');
      if (added.isNew) afterCommit(em, wake);
      return added;
    },
    link: (path) => `${options.publicUrl().replace(/\/+$/, '')}${path}`,
    log: mailLog({ database, outbox, canSend, wake }),
    sweep,
    async close() {
      clearInterval(timer);
      await sender?.close(closeMs);
    },
  };
}
