import { htmlToPlain } from '../html-text.ts';

/** A mail as people read it: what its header says, then its body. */
export interface MailText {
  from: string;
  to: string;
  cc: string;
  date: string;
  subject: string;
  text: string;
  html: string;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

export function mailToPlain({ from, to, cc, date, subject, text, html }: MailText, maxCharacters: number): string {
  const fields = Object.entries({ From: from, To: to, Cc: cc, Date: date, Subject: subject }).map(([name, value]) => [name, oneLine(value)] as const);
  const head = fields.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`);
  const body = text.trim() === '' && html !== '' ? htmlToPlain(html, maxCharacters) : text;
  return `${head.join('\n')}\n\n${body.trim()}\n`;
}
