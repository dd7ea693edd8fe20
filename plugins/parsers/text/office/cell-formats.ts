import { scanXml } from './scan-xml.ts';

/** How the number of a cell is to be shown, by the index of its style. */
export type CellFormats = (style: number) => 'number' | 'date' | 'time' | 'date-time';

/** Built-in formats of dates and times (ECMA-376 part 1, section 18.8.30), with those of East Asian editions. */
const builtIn = (id: number): ReturnType<CellFormats> | null => {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58)) return 'date';
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47)) return 'time';
  return id === 22 ? 'date-time' : null;
};

/** By the letters of a format's code, outside quotes, brackets and escapes (section 18.8.31). */
function ofCode(code: string): ReturnType<CellFormats> {
  const first = code.split(';')[0] ?? '';
  const letters = first.replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]/gi, '').toLowerCase();
  if (/general|[#0?]/.test(letters.replaceAll(/s\.0+/g, 's'))) return 'number';
  const date = /[yd]/.test(letters) || /^[^hs]*m[^hs]*$/.test(letters);
  const time = /[hs]/.test(letters);
  return date && time ? 'date-time' : date ? 'date' : time ? 'time' : 'number';
}

/** Of `styles.xml`; null when the workbook has none. */
export function readCellFormats(bytes: Uint8Array | null): CellFormats {
  const codes = new Map<number, string>();
  const styles: number[] = [];
  let within = false;
  if (bytes !== null)
    scanXml(bytes, {
      open(name, attribute) {
        if (name === 'numFmt') codes.set(Number(attribute('numFmtId')), attribute('formatCode') ?? '');
        else if (name === 'cellXfs') within = true;
        else if (name === 'xf' && within) styles.push(Number(attribute('numFmtId') ?? 0));
        return styles.length > 100_000;
      },
      close(name) {
        if (name === 'cellXfs') within = false;
      },
    });
  return (style) => {
    const id = styles[style] ?? 0;
    const code = codes.get(id);
    return code === undefined ? (builtIn(id) ?? 'number') : ofCode(code);
  };
}

const dayMs = 86_400_000;
/** Day 0 of the two calendars (section 18.17.4.1). The 1900 one counts a 29 February 1900 that never was. */
const epochMs = { 1900: Date.UTC(1899, 11, 30), 1904: Date.UTC(1904, 0, 1) } as const;

/** A serial number as an ISO 8601 date or time; as a plain number where it is none. */
export function showNumber(written: string, format: ReturnType<CellFormats>, calendar: 1900 | 1904): string {
  const value = Number(written);
  if (!Number.isFinite(value)) return written;
  // As many digits as a sheet shows: 0.1 + 0.2 is 0.3, and a card number is written out.
  if (format === 'number' || value < 0 || value > 2_958_466) return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(Number(value.toPrecision(15)));
  const shown = new Date(Math.round((epochMs[calendar] + value * dayMs) / 1000) * 1000).toISOString();
  if (format === 'time') return value < 1 ? shown.slice(11, 19) : `${Math.floor(value * 24)}:${shown.slice(14, 19)}`;
  return format === 'date' ? shown.slice(0, 10) : shown.slice(0, 19).replace('T', ' ');
}
