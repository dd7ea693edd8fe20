import { coalesce } from '../events/coalesce.ts';
import type { ClaimedMail, MailOutbox } from './outbox.ts';
import { DeliveryProblem, type MailTransport } from './transport.ts';

export interface SenderTimes {
  /** how often due mail is looked for without being told; default 5 s */
  pollMs: number;
  /** the wait after the first failure; each later one is twice as long, an hour at the most; default 15 s */
  retryMs: number;
  /** a sender that died gives its mail back after this; longer than a delivery may take; default 120 s */
  claimMs: number;
}

export const defaultSenderTimes: SenderTimes = { pollMs: 5_000, retryMs: 15_000, claimMs: 120_000 };

export interface MailSender {
  /** Looks for due mail soon. Never throws. */
  wake(): void;
  /** Takes no more mail and waits for what is on its way, `timeoutMs` at the most. */
  close(timeoutMs: number): Promise<void>;
}

export interface SenderOptions {
  outbox: MailOutbox;
  transport: MailTransport;
  times?: Partial<SenderTimes>;
  log: { warn(fields: object, message: string): void };
}

const atOnce = 4;
/** with the waits between them about seven hours */
const maxAttempts = 12;
const longestWaitMs = 3_600_000;

/** Hands due mail over, on every node; the claims see to it that each mail has one sender at a time. */
export function mailSender({ outbox, transport, times, log }: SenderOptions): MailSender {
  const { pollMs, retryMs, claimMs } = { ...defaultSenderTimes, ...times };
  const onTheirWay = new Set<Promise<void>>();

  /** Null to give up. Jitter, so that what failed together does not come back together. */
  function waitAfter(attempts: number, problem: unknown): number | null {
    if (attempts >= maxAttempts || (problem instanceof DeliveryProblem && problem.permanent)) return null;
    return Math.min(retryMs * 2 ** (attempts - 1), longestWaitMs) * (0.5 + Math.random() / 2);
  }

  async function deliver(mail: ClaimedMail): Promise<void> {
    try {
      const { text, html } = await outbox.open(mail.id, mail.bodySealed);
      await transport.deliver({ id: mail.id, recipient: mail.recipient, subject: mail.subject, text, html });
    } catch (error) {
      const delayMs = waitAfter(mail.attempts, error);
      log.warn({ err: error, mailId: mail.id, purpose: mail.purpose, attempts: mail.attempts }, delayMs === null ? 'a mail could not be sent and is given up' : 'a mail could not be sent and is tried again');
      await outbox.failed(mail.id, error instanceof DeliveryProblem ? error.message : 'It could not be read.', delayMs);
      return;
    }
    await outbox.sent(mail.id);
  }

  async function round(): Promise<void> {
    const free = atOnce - onTheirWay.size;
    if (free <= 0) return;
    const claimed = await outbox.claim(free, claimMs);
    for (const mail of claimed) {
      const sending = deliver(mail)
        // the note of it failed: the claim ends and the mail is tried again
        .catch((error: unknown) => log.warn({ err: error, mailId: mail.id }, 'what became of a mail could not be noted'))
        .finally(() => {
          onTheirWay.delete(sending);
          rounds.ask();
        });
      onTheirWay.add(sending);
    }
  }

  const rounds = coalesce(round, (error) => log.warn({ err: error }, 'due mail could not be looked for and is looked for again'));
  const timer = setInterval(() => rounds.ask(), pollMs).unref();
  rounds.ask();

  return {
    wake: () => rounds.ask(),
    async close(timeoutMs) {
      rounds.close();
      clearInterval(timer);
      await rounds.idle();
      let late: NodeJS.Timeout | undefined;
      await Promise.race([Promise.all(onTheirWay), new Promise((resolve) => (late = setTimeout(resolve, timeoutMs)))]);
      clearTimeout(late);
      transport.close();
    },
  };
}
