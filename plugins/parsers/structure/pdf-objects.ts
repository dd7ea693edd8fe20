import { inflateSync } from 'node:zlib';

/** An object of a PDF without the data of its stream: what is written between `obj` and `endobj` or `stream`. */
export interface PdfObject {
  number: number;
  text: string;
}

export interface PdfParts {
  objects: PdfObject[];
  /** Trailers and whatever else stands outside objects. */
  rest: string;
  /** Of object streams, something could not be expanded, or there were too many. */
  incomplete: boolean;
}

const maxObjects = 300_000;
/** Of all object streams of a file. */
const maxExpandedBytes = 67_108_864;

/** `#xx` in names (ISO 32000-1, section 7.3.5), behind which scripts like to hide. */
const plainNames = (text: string): string => text.replaceAll(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** An object stream (section 7.5.7): pairs of number and offset, then the objects. */
function unpack(dictionary: string, data: Uint8Array, leftBytes: number): { objects: PdfObject[]; expandedBytes: number } | null {
  const first = Number(/\/First\s+(\d{1,9})/.exec(dictionary)?.[1]);
  if (!Number.isInteger(first) || leftBytes <= 0) return null;
  try {
    const flate = /\/FlateDecode|\/Fl\b/.test(dictionary);
    if (!flate && /\/Filter/.test(dictionary)) return null;
    const expanded = flate ? inflateSync(data, { maxOutputLength: leftBytes, finishFlush: 2 }) : data;
    const text = latin1(expanded);
    const pairs = [...text.slice(0, first).matchAll(/(\d{1,10})\s+(\d{1,10})/g)].slice(0, 100_000).map(([, number, offset]) => ({ number: Number(number), at: first + Number(offset) }));
    const objects = pairs.map(({ number, at }, n) => ({ number, text: plainNames(text.slice(at, pairs[n + 1]?.at ?? text.length)) }));
    return { objects, expandedBytes: expanded.length };
  } catch {
    return null;
  }
}

/**
 * The objects of a PDF, found by their marks instead of by the cross-reference table: what a damaged or malicious file
 * hides from its table is found too, also what later updates replaced. Streams other than object streams are skipped.
 */
export function pdfObjects(content: Uint8Array): PdfParts {
  const source = latin1(content);
  const objects: PdfObject[] = [];
  const marks = /(\d{1,10})\s+\d{1,5}\s+obj\b|\bstream\r?\n?|\btrailer\b/g;
  let rest = source.slice(0, 1024).startsWith('%PDF') ? '' : source.slice(0, 1024);
  let incomplete = false;
  let leftBytes = maxExpandedBytes;
  let current: { number: number; from: number } | null = null;
  const close = (to: number): string => {
    if (current === null) return '';
    const text = plainNames(source.slice(current.from, Math.min(to, current.from + 1_048_576)));
    objects.push({ number: current.number, text });
    current = null;
    return text;
  };
  for (let match = marks.exec(source); match !== null; match = marks.exec(source)) {
    if (objects.length >= maxObjects) {
      incomplete = true;
      break;
    }
    if (match[1] !== undefined) {
      close(match.index);
      current = { number: Number(match[1]), from: marks.lastIndex };
    } else if (match[0] === 'trailer') {
      close(match.index);
      rest += ` ${plainNames(source.slice(match.index, match.index + 2048).split('startxref')[0] ?? '')}`;
    } else if (current !== null) {
      const dictionary = close(match.index);
      const end = source.indexOf('endstream', marks.lastIndex);
      const data = content.subarray(marks.lastIndex, end < 0 ? content.length : end);
      // The trailer may be the dictionary of a cross-reference stream (section 7.5.8).
      if (/\/XRef\b/.test(dictionary)) rest += ` ${dictionary}`;
      if (/\/ObjStm\b/.test(dictionary)) {
        const unpacked = unpack(dictionary, data, leftBytes);
        if (unpacked === null) incomplete = true;
        else {
          leftBytes -= unpacked.expandedBytes;
          objects.push(...unpacked.objects);
        }
      }
      marks.lastIndex = end < 0 ? source.length : end + 9;
    }
  }
  close(source.length);
  return { objects, rest, incomplete };
}
