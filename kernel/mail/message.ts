import { ValidationError } from '@proofpix/sdk';
import { normaliseEmail } from '../auth/email.ts';
import type { OutgoingMail } from './contract.ts';

const limits = { subject: 200, textBytes: 65_536, htmlBytes: 262_144, purpose: 100 };

const refused = (field: string, issue: string) => ValidationError({ message: `The mail’s ${field} is not valid.`, details: { field, issue } });

/** A header's value ends at a line break, so one in it would begin a header of the writer's choice. */
function isOneLine(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}

function requireBody(field: 'text' | 'html', text: string, maxBytes: number): void {
  if (!text.isWellFormed() || text.includes('\0')) throw refused(field, 'must be text without NUL');
  if (Buffer.byteLength(text) > maxBytes) throw refused(field, `must be at most ${maxBytes} bytes`);
}

/**
 * The last gate before a mail is stored: whatever its writer forgot to check.
 *
 * @throws VALIDATION_ERROR
 */
export function requireMessage(mail: Pick<OutgoingMail, 'recipient' | 'subject' | 'text' | 'html' | 'purpose'>): void {
  if (normaliseEmail(mail.recipient) !== mail.recipient) throw refused('recipient', 'must be a normalised email address');
  if (mail.subject.trim() === '' || mail.subject.length > limits.subject || !isOneLine(mail.subject)) throw refused('subject', `must be one line of 1 to ${limits.subject} characters`);
  if (mail.purpose.length > limits.purpose || !/^[a-z0-9][a-z0-9.-]*$/.test(mail.purpose)) throw refused('purpose', `must be 1 to ${limits.purpose} lower-case letters, digits, dots and hyphens`);
  requireBody('text', mail.text, limits.textBytes);
  if (mail.html !== undefined) requireBody('html', mail.html, limits.htmlBytes);
}

/** `Name <address>` or an address, as MAIL_FROM has it. @throws Error naming MAIL_FROM */
export function parseSender(text: string): { name: string; address: string } {
  const [, name = '', address = ''] = /^(?:"?([^"<>]*?)"?\s*<([^<>]+)>)$/.exec(text.trim()) ?? [undefined, '', text.trim()];
  const normalised = isOneLine(text) ? normaliseEmail(address) : null;
  if (normalised === null) throw new Error('MAIL_FROM must be an email address, or Name <address>');
  return { name: name.trim(), address: normalised };
}
