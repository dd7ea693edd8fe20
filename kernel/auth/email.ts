import { domainToASCII } from 'node:url';
import { ValidationError } from '@proofpix/sdk';

const maxLength = 254;
const maxLocalLength = 64;
// oxlint-disable-next-line no-control-regex -- these are what must not come in
const forbidden = /[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"(),:;<>@[\\\]]/u;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * One spelling per address: NFC, lower case, the domain in its ASCII form (RFC 5891). Mail systems may tell
 * `A@x` from `a@x`; two accounts of one person are the worse mistake.
 *
 * @returns null when it is no address that mail could be sent to
 */
export function normaliseEmail(text: string): string | null {
  if (text.length > maxLength || !text.isWellFormed()) return null;
  const address = text.trim().normalize('NFC').toLowerCase();
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0));
  const domain = domainToASCII(address.slice(at + 1));
  if (local.length === 0 || local.length > maxLocalLength || forbidden.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return null;
  const labels = domain.split('.');
  if (labels.length < 2 || !labels.every((part) => label.test(part)) || /^\d+$/.test(labels.at(-1) ?? '')) return null;
  const normalised = `${local}@${domain}`;
  return normalised.length > maxLength ? null : normalised;
}

/** @throws VALIDATION_ERROR naming `field` */
export function requireEmail(text: string, field = 'body.email'): string {
  const email = normaliseEmail(text);
  if (email === null) throw ValidationError({ message: 'The email address is not valid.', details: { field, issue: 'must be an email address' } });
  return email;
}
