import type { EntityManager } from '@mikro-orm/postgresql';

export type MailState = 'queued' | 'sent' | 'failed' | 'held';

/** A mail to one person. */
export interface OutgoingMail {
  /** normalised address; anything else is refused */
  recipient: string;
  /** one line of at most 200 characters */
  subject: string;
  /** plain text of at most 64 KiB; every mail has it */
  text: string;
  /** the same as HTML, at most 256 KiB; whoever makes it escapes what came from people */
  html?: string;
  /** what it is for, e.g. `verify-email`; letters, digits, `.` and `-` */
  purpose: string;
  /** null for mail about an account */
  tenantId: string | null;
  /** it is not sent any more after that; default 7 days, at most 30 */
  usefulForMs?: number;
  /** a second mail with the same id is the first one; default a random one */
  id?: string;
}

/** The deployment's mail: stored with what it tells of, handed over soon after. */
export interface Mail {
  /** whether a transport is configured; without one mail waits for an operator to read it */
  readonly canSend: boolean;
  /**
   * Stores a mail in the caller's transaction, which must have the system's rights. It is handed over after the commit,
   * at least once: should a node die between the handing over and the note of it, the mail goes out again under the
   * same Message-ID.
   *
   * @throws VALIDATION_ERROR for a header that could be read as two, a bad address, or too much text
   */
  send(em: EntityManager, mail: OutgoingMail): Promise<{ id: string; isNew: boolean }>;
  /** The public address of a path (`/…`), for a mail. It never follows from a request, whose Host header anybody can choose. */
  link(path: string): string;
}
