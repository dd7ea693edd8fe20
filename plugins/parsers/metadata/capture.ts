import type { Capture } from '../contract.ts';
import type { RawTags } from './raw-tags.ts';
import { asText } from './tag-values.ts';

interface LocalTime {
  /** `2016-03-24T14:49:51`, with the fraction the tag had. */
  text: string;
  /** As if it were UTC, in milliseconds since the epoch. */
  asUtcMs: number;
  offset: string | null;
}

const zone = /^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
/** EXIF writes `2016:03:24 14:49:51` (CIPA DC-008, DateTime), XMP writes RFC 3339, some software mixes the two. */
const dateTime = /^(\d{4})[:-](\d{2})[:-](\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

function withColon(offset: string | undefined): string | null {
  if (offset === undefined) return null;
  const written = offset === 'Z' ? '+00:00' : offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
  return zone.test(written) ? written : null;
}

/** Null for anything that is no moment: zeros, blanks, a thirteenth month, 92 seconds. */
export function parseLocalTime(value: unknown, subSeconds?: unknown): LocalTime | null {
  const match = dateTime.exec(asText(value) ?? '');
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = '00', fraction, offset] = match as unknown as [string, string, string, string, string, string, string | undefined, string | undefined, string | undefined];
  const asUtcMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (Number(year) < 1800 || new Date(asUtcMs).toISOString().slice(0, 19) !== text) return null;
  const digits = asText(subSeconds);
  const part = fraction ?? (digits !== null && /^\d{1,9}$/.test(digits) ? `.${digits}` : '');
  return { text: `${text}${part}`, asUtcMs, offset: withColon(offset) };
}

/** UTC of the satellite fix: GPSDateStamp and GPSTimeStamp. */
function gpsUtcMs(gps: RawTags['gps']): number | null {
  const date = /^(\d{4})[:-](\d{2})[:-](\d{2})$/.exec(asText(gps['GPSDateStamp']) ?? '');
  const stamp = gps['GPSTimeStamp'];
  const parts = typeof stamp === 'string' ? stamp.split(':').map(Number) : Array.isArray(stamp) ? (stamp as unknown[]).map(Number) : [];
  if (date === null || parts.length !== 3 || !parts.every(Number.isFinite)) return null;
  const [hour, minute, second] = parts as [number, number, number];
  return Date.UTC(Number(date[1]), Number(date[2]) - 1, Number(date[3]), hour, minute, second);
}

/** Clock drift and the age of the fix that are put up with. */
const toleranceMs = 300_000;
const quarterHourMs = 900_000;
/** Zones lie on these minutes of the hour; quarters are too close together to tell apart from a late fix. */
const halfHourMs = 2 * quarterHourMs;

const two = (n: number): string => String(n).padStart(2, '0');

function offsetFromGps(local: LocalTime, gps: RawTags['gps']): string | null {
  const utcMs = gpsUtcMs(gps);
  if (utcMs === null) return null;
  const differenceMs = local.asUtcMs - utcMs;
  const roundedMs = Math.round(differenceMs / halfHourMs) * halfHourMs;
  if (Math.abs(differenceMs - roundedMs) > toleranceMs || Math.abs(roundedMs) > 14 * 3_600_000) return null;
  const minutes = Math.abs(roundedMs) / 60_000;
  return `${roundedMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** IIM writes the date as `20200506` and the time as `070809+0200` (IPTC IIM 4.2, 2:55 and 2:60). */
function iptcDateTime(iptc: RawTags['iptc']): string | null {
  const date = /^(\d{4})[:-]?(\d{2})[:-]?(\d{2})$/.exec(asText(iptc['DateCreated']) ?? '');
  const time = /^(\d{2}):?(\d{2}):?(\d{2})([+-]\d{2}:?\d{2})?$/.exec(asText(iptc['TimeCreated']) ?? '');
  return date === null || time === null ? null : `${date[1]}-${date[2]}-${date[3]}T${time[1]}:${time[2]}:${time[3]}${time[4] ?? ''}`;
}

const kindOf = (source: string): 'exif' | 'xmp' | 'iptc' | 'file' => (/^(exif|xmp|iptc)\./.exec(source)?.[1] as 'exif' | 'xmp' | 'iptc' | undefined) ?? 'file';

/** When the picture was taken, from the tag that says so best. */
export function captureOf({ exif, gps, iptc, xmp, container }: RawTags): Capture | null {
  const sources = [
    { source: 'exif.DateTimeOriginal', value: exif['DateTimeOriginal'], sub: exif['SubSecTimeOriginal'], offset: exif['OffsetTimeOriginal'] },
    { source: 'exif.CreateDate', value: exif['CreateDate'], sub: exif['SubSecTimeDigitized'], offset: exif['OffsetTimeDigitized'] },
    { source: 'xmp.exif:DateTimeOriginal', value: xmp['exif']?.['DateTimeOriginal'] },
    { source: 'xmp.photoshop:DateCreated', value: xmp['photoshop']?.['DateCreated'] },
    { source: container.created?.source ?? '', value: container.created?.value },
    { source: 'xmp.xmp:CreateDate', value: xmp['xmp']?.['CreateDate'] },
    { source: 'iptc.DateCreated', value: iptcDateTime(iptc) },
    { source: 'exif.ModifyDate', value: exif['ModifyDate'], sub: exif['SubSecTime'], offset: exif['OffsetTime'] },
  ];
  for (const { source, value, sub, offset: tag } of sources) {
    const local = parseLocalTime(value, sub);
    if (local === null) continue;
    const own = local.offset ?? withColon(asText(tag) ?? undefined);
    const offset = own ?? offsetFromGps(local, gps);
    return { capturedAt: `${local.text}${offset ?? ''}`, offset, offsetSource: offset === null ? null : own === null ? 'gps' : kindOf(source), source };
  }
  return null;
}
