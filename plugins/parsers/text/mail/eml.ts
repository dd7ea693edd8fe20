import type { Address } from 'postal-mime';
import { damaged } from '../parse-problem.ts';
import type { ReportWriter } from '../report-writer.ts';
import { mailToPlain } from './mail-text.ts';

const show = (address: Address | undefined): string => {
  if (address === undefined) return '';
  if (address.group !== undefined) return `${address.name}: ${address.group.map(show).join(', ')};`;
  return address.name === '' ? (address.address ?? '') : `${address.name} <${address.address ?? ''}>`;
};
const showAll = (addresses: Address[] | undefined): string => (addresses ?? []).map(show).join(', ');

/** A mail by RFC 5322 and MIME; a mail in it is read as its text. @throws ParseProblem */
export async function readEml(content: Uint8Array, writer: ReportWriter): Promise<void> {
  const { default: PostalMime } = await import('postal-mime');
  const mail = await PostalMime.parse(content, { maxNestingDepth: 64, maxHeadersSize: 1_048_576, maxRfc822NestingDepth: 4, attachmentEncoding: 'arraybuffer' }).catch(() => {
    throw damaged('The mail is nested too deeply, or its header is too long.');
  });
  if (mail.headers.length === 0) throw damaged('The mail has no header.');
  const plain = mailToPlain(
    { from: show(mail.from), to: showAll(mail.to), cc: showAll(mail.cc), date: mail.date ?? '', subject: mail.subject ?? '', text: mail.text ?? '', html: mail.html ?? '' },
    writer.room(),
  );
  writer.flow(plain);
  for (const { filename, mimeType, content: bytes } of mail.attachments) writer.attachment(filename ?? '', mimeType, typeof bytes === 'string' ? bytes.length : bytes.byteLength);
}
