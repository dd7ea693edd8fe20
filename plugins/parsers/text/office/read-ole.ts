import { ParseProblem, damaged, encrypted } from '../parse-problem.ts';
import { readMsg } from '../mail/msg.ts';
import type { ReportWriter } from '../report-writer.ts';

/** [MS-DOC] 2.5.2: the flags of the file information block, of which one says that a password is needed. */
function isWordEncrypted(stream: Uint8Array): boolean {
  return stream.length >= 12 && (((stream[10] as number) | ((stream[11] as number) << 8)) & 0x0100) !== 0;
}

async function readWord97(content: Uint8Array, writer: ReportWriter): Promise<void> {
  const { default: WordExtractor } = await import('word-extractor');
  const document = await new WordExtractor().extract(Buffer.from(content.buffer, content.byteOffset, content.byteLength)).catch(() => {
    throw damaged('The Word document cannot be read.');
  });
  const parts = [document.getBody(), document.getTextboxes(), document.getHeaders(), document.getFooters(), document.getFootnotes(), document.getEndnotes(), document.getAnnotations()];
  writer.flow(parts.map((part) => part.trim()).filter((part) => part !== '').join('\n'));
}

/** Documents that are OLE2 compound files ([MS-CFB]): Word 97 to 2003, Outlook messages, and Office documents behind a password. @throws ParseProblem */
export async function readOle(content: Uint8Array, writer: ReportWriter): Promise<void> {
  const { read, find } = (await import('cfb')).default;
  let container: ReturnType<typeof read>;
  try {
    container = read(content, { type: 'array' });
  } catch {
    throw damaged('The compound file is damaged.');
  }
  const stream = (path: string): Uint8Array | null => (find(container, path)?.content as Uint8Array | undefined) ?? null;
  if (stream('/EncryptedPackage') !== null) throw encrypted();
  const word = stream('/WordDocument');
  if (word !== null) {
    if (isWordEncrypted(word)) throw encrypted();
    return readWord97(content, writer);
  }
  if (stream('/__properties_version1.0') !== null) return readMsg(content, writer);
  throw new ParseProblem('unsupported', 'FORMAT_UNKNOWN', 'The compound file is none of the documents that are read.');
}
