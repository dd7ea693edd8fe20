import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { Teardown } from './database.ts';
import { until } from './messaging.ts';

/** A mail as it arrived. */
export interface ReceivedMail {
  /** envelope recipients */
  to: string[];
  /** envelope sender */
  from: string;
  /** the message as bytes, headers included */
  raw: string;
  message: Email;
}

export interface TestSmtpServer {
  readonly port: number;
  /** For SMTP_URL. */
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  /** How many messages were offered, also those refused. */
  readonly offered: number;
  /** What becomes of messages from now on: a reply code such as 451 refuses, `hang` never answers, null accepts. */
  answer(how: number | 'hang' | null): void;
  /** The newest mail to an address (with this text in its subject), waiting for it. */
  mailTo(address: string, subject?: string): Promise<ReceivedMail>;
  /** Mails to an address that have arrived so far. */
  allTo(address: string): ReceivedMail[];
}

/** A real SMTP server on a free port of this machine, closed when the test ends. */
export async function smtpServer(t: Teardown): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = [];
  let answer: number | 'hang' | null = null;
  let offered = 0;
  async function keep(raw: string, to: string[], from: string): Promise<void> {
    received.push({ to, from, raw, message: await PostalMime.parse(raw) });
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 200,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        offered += 1;
        if (answer === 'hang') return;
        if (answer !== null) return callback(Object.assign(new Error('Not now.'), { responseCode: answer }));
        const raw = Buffer.concat(chunks).toString('utf8');
        const from = session.envelope.mailFrom;
        const kept = keep(raw, session.envelope.rcptTo.map(({ address }) => address), from === false ? '' : from.address);
        // oxlint-disable-next-line promise/no-callback-in-promise -- smtp-server knows callbacks only
        kept.then(() => callback(), callback);
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.server.address() as { port: number };
  const allTo = (address: string): ReceivedMail[] => received.filter(({ to }) => to.includes(address));
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received,
    get offered() {
      return offered;
    },
    answer(how) {
      answer = how;
    },
    allTo,
    async mailTo(address, subject = '') {
      const find = (): ReceivedMail | undefined => allTo(address).findLast(({ message }) => (message.subject ?? '').includes(subject));
      await until(find);
      return find() as ReceivedMail;
    },
  };
}

/** The token of a mail's link (`…#token=…`). */
export function tokenIn(mail: ReceivedMail): string {
  const token = /[#?&]token=([A-Za-z0-9_-]+)/.exec(mail.message.text ?? '')?.[1];
  if (token === undefined) throw new Error(`no token in: ${mail.message.text}`);
  return token;
}
