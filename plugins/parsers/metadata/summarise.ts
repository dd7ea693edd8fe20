import type { MetadataReport, Warning } from '../contract.ts';
import { captureOf } from './capture.ts';
import { positionOf } from './position.ts';
import type { RawTags } from './raw-tags.ts';
import { cameraOf, descriptionOf, exposureOf } from './summary.ts';

export type Summary = Pick<MetadataReport, 'capture' | 'camera' | 'exposure' | 'description' | 'gps'> & { warnings: Warning[] };

/** What people ask for first, from the tags of either reader. */
export function summarise(raw: RawTags): Summary {
  const gps = positionOf(raw);
  const warnings = raw.unreadable.map((what) => ({ code: `UNREADABLE_${what}`, message: `The file's ${what} data could not be read.` }));
  if (gps === null && raw.gps['GPSLatitude'] !== undefined) warnings.push({ code: 'INVALID_POSITION', message: 'The position in the file is not a place on Earth, or none was found yet.' });
  return { capture: captureOf(raw), camera: cameraOf(raw), exposure: exposureOf(raw), description: descriptionOf(raw), gps, warnings };
}
