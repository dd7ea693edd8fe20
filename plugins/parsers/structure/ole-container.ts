import { damaged, encrypted } from '../text/parse-problem.ts';
import type { Findings } from './findings.ts';

const bytesOf = (content: unknown): Uint8Array => (content instanceof Uint8Array ? content : Uint8Array.from((content as number[] | undefined) ?? []));

/** Sheets of a workbook before 2007 ([MS-XLS] 2.4.28 BoundSheet8): macro sheets and hidden ones. */
function inspectWorkbook(stream: Uint8Array, findings: Findings): void {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  for (let at = 0, records = 0; at + 4 <= stream.length && records < 10_000; records += 1) {
    const type = view.getUint16(at, true);
    const size = view.getUint16(at + 2, true);
    if (type === 0x0a) return;
    if (type === 0x2f) throw encrypted();
    if (type === 0x85 && size >= 6 && at + 10 <= stream.length) {
      const state = (stream[at + 8] as number) & 3;
      if (stream[at + 9] === 1) findings.add('MACROS', 'high', 'The workbook has a sheet of Excel 4 macros.');
      if (state !== 0) findings.add('HIDDEN_TEXT', 'medium', state === 2 ? 'A sheet is hidden so that the program does not list it.' : 'A sheet is hidden.');
    }
    at += 4 + size;
  }
}

/** Compound files ([MS-CFB]): Office before 2007, Outlook messages, packages behind a password. @throws ParseProblem */
export async function inspectOle(content: Uint8Array, findings: Findings): Promise<void> {
  const { read } = (await import('cfb')).default;
  let container: ReturnType<typeof read>;
  try {
    container = read(content, { type: 'array' });
  } catch {
    throw damaged('The compound file is damaged.');
  }
  const entries = container.FullPaths.slice(0, 20_000).map((path, at) => ({ path, entry: container.FileIndex[at] }));
  for (const { path, entry } of entries) {
    const name = path.split('/').filter((part) => part !== '').at(-1) ?? '';
    if (name === 'EncryptedPackage') throw encrypted();
    if (name === '_VBA_PROJECT' || /(?:^|\/)(?:Macros|_VBA_PROJECT_CUR)\/$/.test(path)) findings.add('MACROS', 'high', 'The document holds macros.');
    else if (name === '\u0001Ole10Native' || name === 'Package' || /\/(?:ObjectPool|MBD[0-9A-F]{8})\/[^/]*\/?$/.test(path)) findings.add('EMBEDDED_FILE', 'medium', 'An object of another program is embedded.', path.slice(path.indexOf('/') + 1));
    else if (name === 'Equation Native') findings.add('EMBEDDED_FILE', 'high', 'An object of the old equation editor is embedded, which is known for being attacked.', path);
    else if (name.startsWith('__attach_version1.0_#') && path.endsWith('/')) findings.add('EMBEDDED_FILE', 'low', 'A file is attached.', name);
    else if (name === 'Workbook' || name === 'Book') inspectWorkbook(bytesOf(entry?.content), findings);
    else if (name === 'WordDocument') {
      const head = bytesOf(entry?.content);
      // [MS-DOC] 2.5.2, fEncrypted.
      if (head.length >= 12 && ((head[11] as number) & 1) !== 0) throw encrypted();
    }
  }
}
