import { ParseProblem } from '../text/parse-problem.ts';
import { createFindings, type Findings } from './findings.ts';
import { inspectEntities, inspectMail, inspectMarkup, inspectPlain, inspectRtf, maxMarkupCharacters } from './markup.ts';
import type { StructureAnswer, StructureRequest } from './messages.ts';
import { inspectPackage } from './office-package.ts';
import { inspectOle } from './ole-container.ts';
import { inspectPdf } from './pdf-document.ts';
import { inspectPicture, inspectPolyglot } from './picture-tail.ts';
import { keepsPromise, type Kind, sniff } from './sniff.ts';

const pictures = new Set<Kind>(['jpeg', 'png', 'gif', 'webp', 'tiff', 'heif']);

function textOf(content: Uint8Array): string {
  const label = content[0] === 0xff && content[1] === 0xfe ? 'utf-16le' : content[0] === 0xfe && content[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(label).decode(content.subarray(0, maxMarkupCharacters));
}

/** What the bytes are beside what they claim to be. */
function inspectType({ content, mimeType, filename }: StructureRequest, kind: Kind, findings: Findings): void {
  if (kind === 'executable') findings.add('EXECUTABLE', 'high', 'The file is a program or script.');
  if (keepsPromise(kind, { mimeType }) === false) findings.add('TYPE_MISMATCH', 'medium', `The content is not ${mimeType.slice(0, 100)}.`);
  const endings = filename.toLowerCase().split('.').slice(1);
  const ending = endings.at(-1) ?? '';
  if (keepsPromise(kind, { ending }) === false) findings.add('TYPE_MISMATCH', 'medium', `The content is not what the name's ending “.${ending}” promises.`);
  if (endings.length > 1 && /^(?:exe|scr|com|bat|cmd|ps1|vbs|js|hta|lnk|msi|jar)$/.test(ending)) findings.add('TYPE_MISMATCH', 'high', 'The name has a second ending that makes the file a program.');
  inspectPolyglot(content, kind, findings);
}

/** Most encrypted PDFs open without a password and only forbid printing. @throws ParseProblem `encrypted` */
async function provePassword(content: Uint8Array): Promise<void> {
  const { openPdf } = await import('../text/pdf/open-pdf.ts');
  const document = await openPdf(content.slice()).catch((error: unknown) => {
    if (error instanceof ParseProblem && error.status === 'encrypted') throw error;
    return null;
  });
  await document?.cleanup();
}

async function inspectKind(content: Uint8Array, kind: Kind, answer: StructureAnswer, findings: Findings): Promise<void> {
  if (pictures.has(kind)) return inspectPicture(content, kind, findings);
  if (kind === 'zip') return inspectPackage(content, findings);
  if (kind === 'ole') return await inspectOle(content, findings);
  if (kind === 'pdf') {
    const { incomplete, objects, isEncrypted } = inspectPdf(content, findings);
    if (objects === 0) throw new ParseProblem('damaged', 'DAMAGED', 'The PDF holds no objects: it is damaged or cut off.');
    if (isEncrypted) await provePassword(content);
    if (isEncrypted) answer.warnings.push({ code: 'ENCRYPTED_PARTS', message: 'Texts of the document are encrypted; what needs a password could not be looked at.' });
    else if (incomplete) answer.warnings.push({ code: 'INSPECTED_IN_PART', message: 'Parts of the document could not be expanded.' });
    return;
  }
  if (kind === 'rtf') return inspectRtf(textOf(content), findings);
  if (kind === 'svg' || kind === 'html') return inspectMarkup(textOf(content), kind, findings);
  if (kind === 'xml') return inspectEntities(textOf(content), findings);
  if (kind === 'mail') return inspectMail(textOf(content), findings);
  if (kind === 'text') return inspectPlain(textOf(content), findings);
  if (kind === 'other') answer.status = 'unsupported';
}

/** Looks into a file without running anything of it. */
export async function inspectContent(request: StructureRequest): Promise<StructureAnswer> {
  const { content, mimeType } = request;
  const findings = createFindings();
  const answer: StructureAnswer = { status: 'ok', findings: [], warnings: [], leftOut: 0 };
  if (content.length === 0) return { ...answer, status: 'empty' };
  const kind = sniff(content, mimeType);
  inspectType(request, kind, findings);
  try {
    await inspectKind(content, kind, answer, findings);
  } catch (error) {
    if (!(error instanceof ParseProblem)) throw error;
    answer.status = error.status;
    answer.warnings.push({ code: error.code, message: error.message });
  }
  return { ...answer, findings: findings.list(), leftOut: findings.leftOut() };
}
