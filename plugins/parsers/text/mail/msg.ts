import type { FieldsData } from '@kenjiuno/msgreader';
import { decodeText } from '../decode-text.ts';
import { damaged } from '../parse-problem.ts';
import type { ReportWriter } from '../report-writer.ts';
import { mailToPlain } from './mail-text.ts';

const person = (name: string | undefined, address: string | undefined): string => (name === undefined || name === '' || name === address ? (address ?? '') : address === undefined || address === '' ? name : `${name} <${address}>`);

const recipients = (fields: FieldsData, type: 'to' | 'cc'): string =>
  (fields.recipients ?? [])
    .filter((recipient) => (recipient.recipType ?? 'to') === type)
    .map((recipient) => person(recipient.name, recipient.smtpAddress ?? recipient.email))
    .join(', ');

/** A message of Outlook ([MS-OXMSG]). @throws ParseProblem */
export async function readMsg(content: Uint8Array, writer: ReportWriter): Promise<void> {
  const { default: MsgReader } = (await import('@kenjiuno/msgreader')).default;
  let fields: FieldsData;
  try {
    fields = new MsgReader(new DataView(content.buffer, content.byteOffset, content.byteLength)).getFileData();
  } catch {
    throw damaged('The message cannot be read.');
  }
  if (fields.error !== undefined) throw damaged('The message cannot be read.');
  const html = fields.bodyHtml ?? (fields.html === undefined ? '' : (decodeText(fields.html)?.text ?? ''));
  const date = fields.clientSubmitTime ?? fields.messageDeliveryTime ?? '';
  const from = person(fields.senderName, fields.senderSmtpAddress ?? fields.senderEmail);
  writer.flow(mailToPlain({ from, to: recipients(fields, 'to'), cc: recipients(fields, 'cc'), date, subject: fields.subject ?? '', text: fields.body ?? '', html }, writer.room()));
  for (const { fileName, name, attachMimeTag, contentLength } of fields.attachments ?? []) writer.attachment(fileName ?? name ?? '', attachMimeTag ?? 'application/octet-stream', contentLength ?? 0);
}
