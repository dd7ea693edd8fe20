import type { Transporter } from 'nodemailer';

/** A mail as it is handed over. */
export interface MailMessage {
  /** becomes the Message-ID, so that a mail that went out twice is known for one */
  id: string;
  recipient: string;
  subject: string;
  text: string;
  html: string | null;
}

/** Why a mail was not taken. */
export class DeliveryProblem extends Error {
  /** the server will never take this mail, whoever asks again */
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean, cause: unknown) {
    super(message, { cause });
    this.name = 'DeliveryProblem';
    this.permanent = permanent;
  }
}

export interface MailTransport {
  /** Resolves when the next server has taken responsibility. @throws DeliveryProblem */
  deliver(message: MailMessage): Promise<void>;
  close(): void;
}

/** Where mail goes: an SMTP URL (RFC 8314's `smtps:`, or `smtp:` with STARTTLS when offered), or SendGrid's SMTP relay. */
export type MailServer = { smtpUrl: string } | { sendgridApiKey: string };

export interface TransportOptions {
  server: MailServer;
  sender: { name: string; address: string };
  /** for connecting, for the greeting and for each silence; default 15 s */
  stepTimeoutMs?: number;
  /** for one delivery as a whole; default 60 s */
  timeoutMs?: number;
}

const sendgrid = { host: 'smtp.sendgrid.net', port: 465, secure: true } as const;
/** commands whose refusal is about the message; what is refused before them is about our configuration */
const messageCommands = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

function problemOf(error: unknown): DeliveryProblem {
  const { responseCode, command, message } = error as { responseCode?: number; command?: string; message?: string };
  const permanent = responseCode !== undefined && responseCode >= 500 && messageCommands.has(command ?? '');
  return new DeliveryProblem(String(message ?? error).replaceAll(/\p{Cc}+/gu, ' ').slice(0, 500), permanent, error);
}

/** A password is not shown to whoever listens: with one, a server elsewhere must offer STARTTLS. The URL may say otherwise (`?requireTLS=false`). */
function demandsTls(smtpUrl: string): boolean {
  // its value holds a password and stays out of the message
  if (!URL.canParse(smtpUrl)) throw new Error('SMTP_URL is not a URL');
  const { protocol, password, hostname } = new URL(smtpUrl);
  return protocol === 'smtp:' && password !== '' && !/^(localhost|127\.|\[::1\])/.test(hostname);
}

/** What nodemailer is told of a server. @throws Error naming SMTP_URL */
export function serverSettings(server: MailServer) {
  if ('smtpUrl' in server) return { url: server.smtpUrl, requireTLS: demandsTls(server.smtpUrl) };
  return { ...sendgrid, auth: { user: 'apikey', pass: server.sendgridApiKey } };
}

/** SMTP (RFC 5321) through nodemailer, a connection per mail. */
export function smtpTransport({ server, sender, stepTimeoutMs = 15_000, timeoutMs = 60_000 }: TransportOptions): MailTransport {
  const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1);
  const closed = new AbortController();
  // what is wrong with the settings is known now; the library is loaded with the first mail
  const settings = serverSettings(server);
  let opened: Promise<Transporter> | null = null;
  async function open(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    return createTransport({
      ...settings,
      connectionTimeout: stepTimeoutMs,
      greetingTimeout: stepTimeoutMs,
      socketTimeout: stepTimeoutMs,
      dnsTimeout: stepTimeoutMs,
      // a body never names a file or address to fetch
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }
  return {
    async deliver({ id, recipient, subject, text, html }) {
      // the steps have their own bounds, but a server may be slow in many of them
      const late = AbortSignal.timeout(timeoutMs);
      try {
        const smtp = await (opened ??= open());
        await smtp.sendMail({
          messageId: `<${id}@${domain}>`,
          from: sender,
          to: { name: '', address: recipient },
          subject,
          text,
          ...(html === null ? {} : { html }),
          // RFC 3834: no out-of-office replies to it
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.any([late, closed.signal]),
        });
      } catch (error) {
        throw late.aborted ? new DeliveryProblem(`The mail server took longer than ${timeoutMs} ms.`, false, error) : problemOf(error);
      }
    },
    close() {
      closed.abort();
      void opened?.then((smtp) => smtp.close(), () => undefined);
    },
  };
}
