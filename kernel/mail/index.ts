export type { Mail, MailState, OutgoingMail } from './contract.ts';
export { mailEnvelopes } from './entities.ts';
export { type MailOptions, openMail, type OpenMail } from './open-mail.ts';
export { parseSender } from './message.ts';
export type { MailServer } from './transport.ts';
export { compose, type ComposedLetter, escapeHtml, type Letter } from './letter.ts';
