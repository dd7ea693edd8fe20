import type { Gps } from '../contract.ts';
import type { RawTags } from './raw-tags.ts';
import { asNumber, asText, type Tags } from './tag-values.ts';

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** XMP writes `52,30.96N` or `52,30,58N` (XMP, part 2, section 3.2: GPSCoordinate). */
function fromXmp(value: unknown): number | null {
  const match = /^(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])$/.exec(asText(value) ?? '');
  if (match === null) return null;
  const degrees = Number(match[1]) + Number(match[2]) / 60 + Number(match[3] ?? 0) / 3600;
  return match[4] === 'S' || match[4] === 'W' ? -degrees : degrees;
}

function altitudeOf(gps: Tags): number | null {
  const altitude = asNumber(gps['GPSAltitude']);
  if (altitude === null || Math.abs(altitude) > 100_000) return null;
  const reference = gps['GPSAltitudeRef'];
  // 1: below sea level (CIPA DC-008, GPSAltitudeRef).
  const below = asNumber(reference) === 1 || (typeof reference === 'string' && /below/i.test(reference));
  return round(below ? -altitude : altitude, 2);
}

function headingOf(gps: Tags): number | null {
  const heading = asNumber(gps['GPSImgDirection']);
  return heading === null || heading < 0 || heading > 360 ? null : round(heading % 360, 2);
}

/**
 * Where the camera stood. Null without a position, for one that is impossible, and for exactly
 * 0°, 0°, which is what receivers write before they have a fix.
 */
export function positionOf({ gps, xmp }: RawTags): Gps | null {
  const latitude = asNumber(gps['latitude']) ?? fromXmp(xmp['exif']?.['GPSLatitude']);
  const longitude = asNumber(gps['longitude']) ?? fromXmp(xmp['exif']?.['GPSLongitude']);
  if (latitude === null || longitude === null || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  if (latitude === 0 && longitude === 0) return null;
  const accuracy = asNumber(gps['GPSHPositioningError']);
  return {
    // Six decimals are 11 cm.
    latitude: round(latitude, 6),
    longitude: round(longitude, 6),
    altitudeMetres: altitudeOf(gps),
    headingDegrees: headingOf(gps),
    accuracyMetres: accuracy !== null && accuracy >= 0 ? round(accuracy, 2) : null,
  };
}
